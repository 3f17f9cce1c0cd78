/** The command {@code monoceros}. */
module dev.monoceros.cli {
  requires com.fasterxml.jackson.databind;
  requires dev.monoceros.images;
  requires dev.monoceros.machine;
  requires dev.monoceros.qcow;
  requires info.picocli;
  requires jdk.unsupported;
  requires org.jline.reader;
  requires org.jline.terminal;
}
