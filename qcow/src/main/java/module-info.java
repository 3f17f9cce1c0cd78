/** QCOW disk images: versions 2 and 3, with an in-memory LRU of L2 tables. */
module dev.monoceros.qcow {
  requires com.github.luben.zstd_jni;

  exports dev.monoceros.qcow;
  exports dev.monoceros.qcow.codec;
  exports dev.monoceros.qcow.copy;
  exports dev.monoceros.qcow.graph;
  exports dev.monoceros.qcow.io;
}
