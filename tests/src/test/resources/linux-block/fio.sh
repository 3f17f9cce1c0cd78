# Four jobs side by side on each disk, each in its own part, verified by their own checksums.
for d in /sys/block/vd?; do
  n=${d##*/}
  fio --name=v --filename=/dev/$n --direct=1 --rw=randwrite --bsrange=4k-64k --size=SIZE --offset_increment=SIZE --numjobs=4 --iodepth=16 \
    --ioengine=libaio --verify=crc32c --verify_fatal=1 --do_verify=1 --group_reporting > /tmp/fio.log 2>&1
  s=$?
  [ $s = 0 ] || cat /tmp/fio.log
  echo "$n VERIFIED $s"
done
