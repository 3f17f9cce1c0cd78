# A file system that discards as it deletes, and once more by fstrim.
mke2fs -q -t ext4 -E nodiscard /dev/vda || echo "WRONG mke2fs"
mount -t ext4 -o discard /dev/vda /mnt || echo "WRONG mount"
dd if=/dev/urandom of=/mnt/kept bs=1M count=4 2> /dev/null
sum=$(md5sum < /mnt/kept)
i=0
while [ $i -lt 6 ]; do dd if=/dev/urandom of=/mnt/gone$i bs=1M count=4 2> /dev/null; i=$((i + 1)); done
sync
rm /mnt/gone*
sync
fstrim -v /mnt && echo TRIMMED
umount /mnt
mount -t ext4 -o ro /dev/vda /mnt
[ "$(md5sum < /mnt/kept)" = "$sum" ] && echo KEPT || echo "WRONG the file reads otherwise"
umount /mnt
