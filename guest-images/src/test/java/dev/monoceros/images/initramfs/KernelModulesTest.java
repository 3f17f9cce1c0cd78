package dev.monoceros.images.initramfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.images.AptRequired;
import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.ImagesException;
import dev.monoceros.images.Kernel;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.ToolRun;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

@ExtendWith(AptRequired.class)
class KernelModulesTest {
  private final PackageCache cache = PackageCache.open(CacheOptions.defaults());

  @Test
  void dependenciesOfEveryModuleOfDebiansKernelAreThoseThatDepmodFinds() {
    Kernel kernel = cache.kernel();
    Path base = kernel.modules().getParent().getParent().getParent();
    String dump =
        ToolRun.output(cache.oracles().depmod(), "-n", "-b", base.toString(), kernel.release());
    Map<String, Set<String>> expected = new TreeMap<>();
    dump.lines()
        .filter(line -> line.startsWith("kernel/") && line.contains(".ko:"))
        .forEach(
            line -> {
              String[] sides = line.split(":", 2);
              expected.put(
                  name(sides[0]),
                  Arrays.stream(sides[1].strip().split(" +"))
                      .filter(word -> !word.isEmpty())
                      .map(KernelModulesTest::name)
                      .collect(Collectors.toCollection(TreeSet::new)));
            });
    KernelModules modules = modules(kernel);

    assertThat(expected).hasSizeGreaterThan(1000);
    expected.forEach(
        (module, needed) -> {
          List<String> order = names(modules.withDependencies(module));
          assertThat(order).last().isEqualTo(module);
          assertThat(new TreeSet<>(order.subList(0, order.size() - 1)))
              .as(module)
              .isEqualTo(needed);
          for (int i = 0; i < order.size(); i++) {
            assertThat(order.subList(0, i))
                .as("what %s needs comes before it", order.get(i))
                .containsAll(expected.get(order.get(i)));
          }
        });
  }

  @Test
  void depmodsOwnFileGivesTheSameOrderConstraintsAsTheModulesThemselves() {
    Kernel kernel = cache.kernel();
    Path base = kernel.modules().getParent().getParent().getParent();
    String dump =
        ToolRun.output(cache.oracles().depmod(), "-n", "-b", base.toString(), kernel.release());
    String dependencies =
        dump.lines()
            .filter(line -> line.startsWith("kernel/") && line.contains(".ko:"))
            .collect(Collectors.joining("\n"));
    ModuleFiles plain = ModuleFiles.directory(kernel.modules());
    ModuleFiles withFile =
        overlay(plain, "modules.dep", dependencies.getBytes(StandardCharsets.UTF_8));

    List<String> order =
        names(
            new KernelModules(kernel.release(), withFile)
                .withDependencies("virtio_blk", "virtio_pci", "btrfs"));

    assertThat(order)
        .containsAll(names(modules(kernel).withDependencies("virtio_blk", "virtio_pci", "btrfs")));
    assertThat(order.indexOf("virtio_ring")).isLessThan(order.indexOf("virtio_blk"));
    assertThat(order.indexOf("virtio_pci_modern_dev")).isLessThan(order.indexOf("virtio_pci"));
  }

  @Test
  void builtInDriversAreLeftOutAndNamesIgnoreDashes() {
    KernelModules modules = modules(cache.kernel());

    assertThat(modules.has("ext4")).isTrue();
    assertThat(modules.withDependencies("ext4")).isEmpty();
    assertThat(names(modules.withDependencies("virtio-rng"))).endsWith("virtio_rng");
  }

  @Test
  void whatAModuleAsksForSoftlyIsLoadedBeforeIt() {
    KernelModules modules = modules(cache.kernel());

    // modinfo: xts "pre: ecb", xt_LOG "pre: nf_log_syslog", ksmbd "pre: crc32 gcm ... md5 ...";
    // vfio's "post:" is no such request.
    assertThat(names(modules.forLoading("xts"))).containsSubsequence("ecb", "xts");
    assertThat(names(modules.forLoading("xt_LOG"))).containsSubsequence("nf_log_syslog", "xt_LOG");
    assertThat(names(modules.forLoading("ksmbd")))
        .containsSubsequence("gcm", "ksmbd")
        .contains("ccm");
    assertThat(names(modules.forLoading("vfio")))
        .doesNotContain("vfio_iommu_type1")
        .endsWith("vfio");
    assertThat(names(modules.forLoading("virtio_pci", "virtio_blk")))
        .isEqualTo(names(modules.withDependencies("virtio_pci", "virtio_blk")));
  }

  @Test
  void softRequestsThatGoInACircleEnd() {
    byte[] a = RealModule.withModinfo("softdep=pre: b\0");
    byte[] b = RealModule.withModinfo("softdep=pre: a\0");
    ModuleFiles files =
        new InMemory(
            Map.of(
                "modules.dep",
                "kernel/a.ko:\nkernel/b.ko:\n".getBytes(StandardCharsets.UTF_8),
                "kernel/a.ko",
                a,
                "kernel/b.ko",
                b));

    assertThat(names(new KernelModules("r", files).forLoading("a"))).containsExactly("b", "a");
  }

  @Test
  void aDriverTheKernelLacksIsNamed() {
    Kernel kernel = cache.kernel();

    assertThatThrownBy(() -> modules(kernel).withDependencies("virtio_blk", "no_such_driver"))
        .isInstanceOf(ImagesException.class)
        .hasMessage(
            "Kernel "
                + kernel.release()
                + " has no driver no_such_driver, neither built in nor as a module.");
  }

  @Test
  void compressedModulesAreUnpackedForInsmod() throws IOException {
    Kernel kernel = cache.kernel();
    byte[] plain = modules(kernel).withDependencies("virtio").getLast().elf();
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream xz = new XZOutputStream(packed, new LZMA2Options(1))) {
      xz.write(plain);
    }
    ModuleFiles files =
        new InMemory(
            Map.of(
                "modules.dep",
                "kernel/virtio.ko.xz:\n".getBytes(StandardCharsets.UTF_8),
                "kernel/virtio.ko.xz",
                packed.toByteArray()));

    assertThat(new KernelModules("r", files).withDependencies("virtio").getFirst().elf())
        .isEqualTo(plain)
        .isNotEmpty();
  }

  @Test
  void aCircleOfDependenciesEndsWithASentence() {
    byte[] none = new byte[0];
    ModuleFiles files =
        new InMemory(
            Map.of(
                "modules.dep",
                "kernel/a.ko: kernel/b.ko\nkernel/b.ko: kernel/a.ko\n"
                    .getBytes(StandardCharsets.UTF_8),
                "kernel/a.ko",
                none,
                "kernel/b.ko",
                none));

    assertThatThrownBy(() -> new KernelModules("r", files).withDependencies("a"))
        .hasMessageContaining("in a circle: a, b");
  }

  @Property(tries = 500)
  void aDamagedModuleIsReadOrRefusedButNeverMore(@ForAll byte[] noise) {
    byte[] elf = Arrays.copyOf(new byte[] {0x7F, 'E', 'L', 'F', 2, 1, 1}, 7 + noise.length);
    System.arraycopy(noise, 0, elf, 7, noise.length);

    assertThatThrownBy(() -> ModuleInfo.parse("m", elf))
        .isInstanceOf(ImagesException.class)
        .hasMessageStartingWith("The kernel module m ");
  }

  @Property(tries = 300)
  void aModuleWithOneDamagedHeaderByteIsReadOrRefusedButNeverMore(
      @ForAll @IntRange(max = 0x3F) int at, @ForAll byte value) {
    byte[] elf = RealModule.BYTES.clone();
    elf[at] = value;
    try {
      ModuleInfo.parse("virtio", elf);
    } catch (ImagesException e) {
      assertThat(e.kind()).isEqualTo(ImagesException.Kind.BAD_INPUT);
    }
  }

  /** Loaded once for all tries. */
  private static final class RealModule {
    /** The real module with the start of its .modinfo section overwritten. */
    static byte[] withModinfo(String start) {
      byte[] elf = BYTES.clone();
      byte[] text = start.getBytes(StandardCharsets.US_ASCII);
      String all = new String(elf, StandardCharsets.ISO_8859_1);
      System.arraycopy(text, 0, elf, all.indexOf("license="), text.length);
      return elf;
    }

    static final byte[] BYTES =
        modules(PackageCache.open(CacheOptions.defaults()).kernel())
            .withDependencies("virtio")
            .getLast()
            .elf();
  }

  private record InMemory(Map<String, byte[]> files) implements ModuleFiles {
    @Override
    public Optional<byte[]> read(String path) {
      return Optional.ofNullable(files.get(path));
    }

    @Override
    public List<String> modulePaths() {
      return files.keySet().stream().filter(path -> path.endsWith(".ko")).sorted().toList();
    }
  }

  private static ModuleFiles overlay(ModuleFiles below, String name, byte[] content) {
    return new ModuleFiles() {
      @Override
      public Optional<byte[]> read(String path) {
        return path.equals(name) ? Optional.of(content) : below.read(path);
      }

      @Override
      public List<String> modulePaths() {
        throw new AssertionError("a directory with modules.dep is not walked");
      }
    };
  }

  private static KernelModules modules(Kernel kernel) {
    return new KernelModules(kernel.release(), ModuleFiles.directory(kernel.modules()));
  }

  private static List<String> names(List<KernelModules.Module> modules) {
    return modules.stream().map(KernelModules.Module::name).toList();
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1).replaceFirst("\\.ko.*$", "").replace('-', '_');
  }
}
