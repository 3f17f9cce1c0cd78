package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.Tool;

/** {@code --help} and {@code --version}. */
final class ImgHelp {
  private static final String VERSION = " version 7.2.22 (Monoceros)\n";

  private static final String SYNTAX =
      """
      usage: %s [standard options] command [command options]
      Disk images: the commands of QEMU 7.2's qemu-img, without QEMU

          '-h', '--help'       display this help and exit
          '-V', '--version'    output version information and exit
          '-T', '--trace'      accepted; there are no trace events

      Command syntax:
        amend [--object objectdef] [--image-opts] [-p] [-q] [-f fmt] [-t cache] [--force] -o options filename
        bench [-c count] [-d depth] [-f fmt] [--flush-interval=flush_interval] [-i aio] [-n] [--no-drain] [-o offset] [--pattern=pattern] [-q] [-s buffer_size] [-S step_size] [-t cache] [-w] [-U] filename
        bitmap (--merge SOURCE | --add | --remove | --clear | --enable | --disable)... [-b source_file [-F source_fmt]] [-g granularity] [--object objectdef] [--image-opts | -f fmt] filename bitmap
        check [--object objectdef] [--image-opts] [-q] [-f fmt] [--output=ofmt] [-r [leaks | all]] [-T src_cache] [-U] filename
        commit [--object objectdef] [--image-opts] [-q] [-f fmt] [-t cache] [-b base] [-r rate_limit] [-d] [-p] filename
        compare [--object objectdef] [--image-opts] [-f fmt] [-F fmt] [-T src_cache] [-p] [-q] [-s] [-U] filename1 filename2
        convert [--object objectdef] [--image-opts] [--target-image-opts] [--target-is-zero] [--bitmaps] [-U] [-C] [-c] [-p] [-q] [-n] [-f fmt] [-t cache] [-T src_cache] [-O output_fmt] [-B backing_file [-F backing_fmt]] [-o options] [-l snapshot_param] [-S sparse_size] [-r rate_limit] [-m num_coroutines] [-W] [--salvage] filename [filename2 [...]] output_filename
        create [--object objectdef] [-q] [-f fmt] [-b backing_file [-F backing_fmt]] [-u] [-o options] filename [size]
        dd [--image-opts] [-U] [-f fmt] [-O output_fmt] [bs=block_size] [count=blocks] [skip=blocks] if=input of=output
        info [--object objectdef] [--image-opts] [-f fmt] [--output=ofmt] [--backing-chain] [-U] filename
        map [--object objectdef] [--image-opts] [-f fmt] [--start-offset=offset] [--max-length=len] [--output=ofmt] [-U] filename
        measure [--output=ofmt] [-O output_fmt] [-o options] [--size N | [--object objectdef] [--image-opts] [-f fmt] [-l snapshot_param] filename]
        snapshot [--object objectdef] [--image-opts] [-U] [-q] [-l | -a snapshot | -c snapshot | -d snapshot] filename
        rebase [--object objectdef] [--image-opts] [-U] [-q] [-f fmt] [-t cache] [-T src_cache] [-p] [-u] -b backing_file [-F backing_fmt] filename
        resize [--object objectdef] [--image-opts] [-f fmt] [--preallocation=prealloc] [-q] [--shrink] filename [+ | -]size

      Sizes are in bytes or carry a suffix: k or K (1024), M, G, T, P, E.
      Caches are none, writeback, writethrough, directsync and unsafe.
      -o help with -f lists the options of a format; -p shows progress, -q is quiet.

      Supported formats: blkdebug copy-on-read file null-aio null-co qcow qcow2 raw throttle
      """;

  private ImgHelp() {}

  static int print(Tool tool) {
    tool.print(tool.name() + VERSION + SYNTAX.formatted(tool.name()));
    return 0;
  }

  static int version(Tool tool) {
    tool.print(tool.name() + VERSION);
    return 0;
  }
}
