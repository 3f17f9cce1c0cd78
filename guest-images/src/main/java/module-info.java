/** Package cache and reproducible builders of guest images. */
module dev.monoceros.images {
  requires com.github.luben.zstd_jni;
  requires transitive dev.monoceros.qcow;
  requires org.apache.commons.compress;
  requires org.apache.commons.io;
  requires org.tukaani.xz;

  exports dev.monoceros.images;
  exports dev.monoceros.images.agent;
  exports dev.monoceros.images.bootdisk;
  exports dev.monoceros.images.disk;
  exports dev.monoceros.images.distro;
  exports dev.monoceros.images.ext4;
  exports dev.monoceros.images.initramfs;
  exports dev.monoceros.images.root;
  exports dev.monoceros.images.tree;
}
