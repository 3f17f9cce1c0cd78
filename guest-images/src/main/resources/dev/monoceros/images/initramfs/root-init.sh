#!/bin/busybox sh
# Loads the drivers, mounts the root file system that the command line names, and starts its init.
# Every failure ends in a panic, so that a run is never taken for a good one.
bb=/bin/busybox
fail() {
  echo "monoceros-initramfs: $*" > /dev/console
  exit 1
}
$bb mount -t devtmpfs dev /dev || fail "cannot mount devtmpfs"
exec < /dev/console > /dev/console 2>&1
$bb mount -t proc proc /proc || fail "cannot mount proc"
$bb mount -t sysfs sys /sys || fail "cannot mount sysfs"

for m in $($bb cat /etc/modules); do
  $bb insmod "/lib/modules/$m.ko" || fail "cannot load the driver $m"
done

root= fstype= flags= mode=ro init= wait=30
for word in $($bb cat /proc/cmdline); do
  case "$word" in
    root=*) root=${word#root=} ;;
    rootfstype=*) fstype=${word#rootfstype=} ;;
    rootflags=*) flags=${word#rootflags=} ;;
    rootwait=*) wait=${word#rootwait=} ;;
    init=*) init=${word#init=} ;;
    ro) mode=ro ;;
    rw) mode=rw ;;
  esac
done
[ -n "$root" ] || fail "the command line has no root="

find_root() {
  case "$root" in
    /dev/*) device=$root ;;
    UUID=*|LABEL=*) device=$($bb findfs "$root" 2> /dev/null) ;;
    PARTUUID=*) device=$(by_partuuid "$(echo "${root#PARTUUID=}" | $bb tr A-F a-f)") ;;
    *) fail "root=$root is not understood: give /dev/NAME, UUID=, LABEL= or PARTUUID=" ;;
  esac
  [ -n "$device" ] && [ -b "$device" ]
}

# A GPT entry has its id at byte 16, in mixed endianness; an MBR partition is DISK-ID plus a two-digit number.
by_partuuid() {
  for d in /sys/class/block/*/partition; do
    [ -e "$d" ] || continue
    part=${d%/partition}
    disk=/dev/$($bb basename "$($bb readlink -f "$part/..")")
    number=$($bb cat "$d")
    id=$($bb hexdump -s 440 -n 4 -e '1/4 "%08x"' "$disk")
    if [ "$id-$($bb printf %02x "$number")" = "$1" ] || [ "$(gpt_id "$disk" "$number")" = "$1" ]; then
      echo "/dev/${part##*/}"
      return
    fi
  done
}
gpt_id() {
  $bb hexdump -s $((1024 + ($2 - 1) * 128 + 16)) -n 16 \
    -e '1/4 "%08x-" 1/2 "%04x-" 1/2 "%04x-" 2/1 "%02x" "-" 6/1 "%02x"' "$1"
}

tries=$((wait * 10))
until find_root; do
  [ $tries -gt 0 ] || fail "root device $root did not appear; there are: $(cd /sys/class/block && echo *)"
  tries=$((tries - 1))
  $bb sleep 0.1
done

options=$mode${flags:+,$flags}
if [ -n "$fstype" ]; then
  $bb mount -t "$fstype" -o "$options" "$device" /root || fail "cannot mount $device as $fstype"
else
  $bb mount -t ext4 -o "$options" "$device" /root 2> /dev/null \
    || $bb mount -o "$options" "$device" /root || fail "cannot mount $device"
fi

if [ -z "$init" ]; then
  for candidate in /sbin/init /etc/init /bin/init /bin/sh; do
    # An absolute link would be followed in this file system, not in the new one: a link counts as present.
    if [ -x "/root$candidate" ] || [ -L "/root$candidate" ]; then
      init=$candidate
      break
    fi
  done
fi
[ -n "$init" ] || fail "$device has no init"
for dir in dev proc sys; do
  if [ -d "/root/$dir" ]; then
    $bb mount -o move "/$dir" "/root/$dir"
  else
    $bb umount "/$dir"
  fi
done
exec $bb switch_root /root "$init"
