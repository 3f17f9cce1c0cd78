/** QCOW disk images: versions 1 to 3, with an in-memory LRU of L2 tables. */
module dev.monoceros.qcow {
  requires org.apache.commons.io;
}
