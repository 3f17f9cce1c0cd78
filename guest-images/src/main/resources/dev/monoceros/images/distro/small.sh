#!/bin/sh
# The hooks of mmdebstrap(1) for a system that starts from an initramfs or from a disk: small.sh setup|essential|customize ROOT.
set -eu
stage=$1
root=$2

case "$stage" in
  essential)
    # Rather the machine's name than that of the host that builds it. No fstab: a root in memory has no device to check.
    echo debian > "$root/etc/hostname"
    printf '127.0.0.1\tlocalhost\n127.0.1.1\tdebian\n::1\tlocalhost ip6-localhost ip6-loopback\n' > "$root/etc/hosts"
    exit 0
    ;;
  customize)
    rm -rf "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale"
    ln -s /sbin/init "$root/init"
    tar -C "$root" --no-overwrite-dir -xf "$MONOCEROS_SCRIPTS/files.tar"
    ;;
esac
exec sh "$MONOCEROS_SCRIPTS/debian.sh" "$stage" "$root"
