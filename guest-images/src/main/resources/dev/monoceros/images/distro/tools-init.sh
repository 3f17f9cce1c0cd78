#!/bin/sh
# /sbin/init of the tools disk: a shell on the console, or the command that the kernel's command line gives as
# MONOCEROS_RUN="...", which the kernel hands over in the environment. Either way the end of it is the end of the machine.
export PATH=/usr/sbin:/usr/bin:/run/bin HOME=/root TERM=${TERM:-linux}
bb=/usr/bin/busybox
# An initramfs hands these over; without one the kernel mounts none of them, or only /dev.
mounted() { $bb grep -q " $1 " /proc/mounts; }
[ -f /proc/mounts ] || $bb mount -t proc proc /proc
mounted /sys || $bb mount -t sysfs sys /sys
mounted /dev || $bb mount -t devtmpfs dev /dev
exec < /dev/console > /dev/console 2>&1
$bb mkdir -p /dev/pts /dev/shm
$bb mount -t devpts devpts /dev/pts
$bb mount -t tmpfs tmpfs /dev/shm
$bb mount -t tmpfs tmpfs /run
$bb mount -t tmpfs tmpfs /tmp
# What has no program of its own on the disk is busybox.
$bb mkdir /run/bin
$bb --install -s /run/bin
mount -o remount,rw / || echo "TOOLS-FAILED cannot write to the disk"
hostname tools
cd /root

if [ -n "${MONOCEROS_RUN:-}" ]; then
  sh -c "$MONOCEROS_RUN"
  echo "TOOLS-EXIT $?"
else
  echo "TOOLS-READY $(uname -r)"
  $bb setsid -c bash -l
fi
sync
mount -o remount,ro / || echo "TOOLS-FAILED cannot stop writing to the disk"
$bb poweroff -f
