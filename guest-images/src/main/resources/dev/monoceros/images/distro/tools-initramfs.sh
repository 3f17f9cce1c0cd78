#!/bin/sh
# /init of the tools as an initramfs: loads the drivers that came with the script, runs the script, ends the machine.
export PATH=/usr/sbin:/usr/bin:/run/bin HOME=/root TERM=linux
bb=/usr/bin/busybox
$bb mount -t proc proc /proc
$bb mount -t sysfs sys /sys
$bb mount -t devtmpfs dev /dev
exec < /dev/console > /dev/console 2>&1
$bb mkdir -p /dev/pts /dev/shm /run/bin
$bb mount -t devpts devpts /dev/pts
$bb mount -t tmpfs tmpfs /dev/shm
# What has no program of its own is busybox.
$bb --install -s /run/bin
while read -r name; do
  insmod /modules/$name.ko || echo "TOOLS-FAILED cannot load $name"
done < /modules/order
cd /root
sh /script
echo "TOOLS-EXIT $?"
poweroff -f
