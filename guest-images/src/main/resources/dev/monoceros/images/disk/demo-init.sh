#!/bin/busybox sh
# /sbin/init of the demo disk: reads a file of the disk, leaves one for the next boot, and ends the way the command line says:
# demo.end=poweroff (default), reboot, or shell.
export PATH=/bin:/sbin
# An initramfs hands these over; without one the kernel mounts none of them, or only /dev.
mounted() { grep -q " $1 " /proc/mounts; }
[ -f /proc/mounts ] || mount -t proc proc /proc
mounted /sys || mount -t sysfs sys /sys
mounted /dev || mount -t devtmpfs dev /dev
exec < /dev/console > /dev/console 2>&1

end=poweroff
for word in $(cat /proc/cmdline); do
  case "$word" in demo.end=*) end=${word#demo.end=} ;; esac
done

echo "DEMO-OK $(cat /etc/demo-text)"
uname -a

# Synced before the rename and after it: a cut leaves the old counter or the new one, whole.
mount -o remount,rw / || { echo "DEMO-FAILED cannot write to the disk"; exit 1; }
boots=0
[ -f /var/lib/demo/boots ] && boots=$(cat /var/lib/demo/boots)
if [ "$boots" -gt 0 ]; then
  echo "DEMO-EARLIER $(cat "/var/lib/demo/boot-$boots")"
fi
boots=$((boots + 1))
echo "written by boot $boots" > "/var/lib/demo/boot-$boots"
echo "$boots" > /var/lib/demo/boots.new
sync
mv /var/lib/demo/boots.new /var/lib/demo/boots
sync
echo "DEMO-BOOT $boots"

[ "$end" = shell ] && setsid -c sh
sync
mount -o remount,ro / || echo "DEMO-FAILED cannot stop writing to the disk"
case "$end" in
  reboot) reboot -f ;;
  *) poweroff -f ;;
esac
