#!/bin/sh
# The hooks of mmdebstrap(1) for a Debian disk: debian.sh setup|essential|customize ROOT.
set -eu
stage=$1
root=$2
devices="null zero full random urandom tty"
library=${MONOCEROS_LIBFAKEROOT:-}

case "$stage" in
  setup)
    if [ -n "$library" ]; then
      mkdir -p "$root/usr/lib/monoceros-fakeroot"
      cp "$library" "$root/usr/lib/monoceros-fakeroot/"
      # Nodes that fakeroot pretends to have made are files; what runs in there needs real ones.
      for name in $devices; do mount --bind "/dev/$name" "$root/dev/$name"; done
    fi
    ;;
  essential)
    # initramfs-tools takes the checker of the root file system along; it would ask the device, which is not there yet.
    mkdir -p "$root/etc/initramfs-tools/conf.d"
    echo FSTYPE=ext4 > "$root/etc/initramfs-tools/conf.d/root-type"
    echo "UUID=$MONOCEROS_ROOT_UUID / ext4 errors=remount-ro 0 1" > "$root/etc/fstab"
    # Rather the machine's name than that of the host that builds it.
    echo debian > "$root/etc/hostname"
    printf '127.0.0.1\tlocalhost\n127.0.1.1\tdebian\n::1\tlocalhost ip6-localhost ip6-loopback\n' > "$root/etc/hosts"
    ;;
  customize)
    chroot "$root" passwd -q -d root
    mkdir -p "$root/etc/systemd/system/getty.target.wants"
    ln -sf /lib/systemd/system/serial-getty@.service "$root/etc/systemd/system/getty.target.wants/serial-getty@ttyS0.service"
    mkdir -p "$root/etc/default"
    echo LANG=C.UTF-8 > "$root/etc/default/locale"
    rm -f "$root/etc/apt/apt.conf.d/99mmdebstrap" "$root/etc/apt/sources.list.d/"*
    printf %s "$MONOCEROS_SOURCES" > "$root/etc/apt/sources.list"
    : > "$root/etc/resolv.conf"
    # Logs of the installation, and what is made again when it is missed.
    find "$root/var/log" -type f -delete
    rm -f "$root/var/cache/ldconfig/aux-cache" "$root/var/cache/debconf/"*-old "$root/var/lib/dpkg/"*-old \
      "$root/var/lib/systemd/random-seed" "$root/root/.bash_history"
    if [ -n "$library" ]; then
      for name in $devices; do umount "$root/dev/$name"; done
      rm -r "$root/usr/lib/monoceros-fakeroot"
      # libfakeroot does not see renameat2(2), with which newer programs rename: what it remembers of a file that was
      # replaced so, its type too, goes to the next file of the same inode. A link that it takes for a file cannot be packed.
      env -u LD_PRELOAD find "$root" -xdev -type l -print0 | xargs -0 stat -c %F:%n | grep -v "^symbolic link:" \
        | cut -d : -f 2- | while read -r link; do
        target=$(readlink "$link")
        echo "made anew: $link"
        rm "$link"
        ln -s "$target" "$link"
      done
    fi
    ;;
esac
