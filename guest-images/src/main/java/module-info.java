/** Package cache and reproducible builders of guest images. */
module dev.monoceros.images {
  requires dev.monoceros.qcow;
  requires org.apache.commons.compress;
  requires org.apache.commons.io;
}
