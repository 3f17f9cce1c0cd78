package dev.monoceros.images;

import java.util.List;
import java.util.Map;

/** Programs that the image builders run; part of what fixes an image's bytes. */
public final class ImageTools {
  private final ToolFactory factory;

  ImageTools(ToolFactory factory) {
    this.factory = factory;
  }

  /** mke2fs, able to populate a file system from a tar archive. */
  public Tool mke2fs() {
    return E2fsprogs.tool(factory, "mke2fs");
  }

  /** The e2fsprogs programs share one configuration file. */
  static final class E2fsprogs {
    private E2fsprogs() {}

    static Tool tool(ToolFactory factory, String name) {
      return factory.tool(
          "sbin/" + name,
          Map.of("MKE2FS_CONFIG", factory.path("etc/mke2fs.conf").toString()),
          List.of());
    }
  }
}
