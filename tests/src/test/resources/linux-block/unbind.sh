# The driver goes away in the middle of writes. What was written before is kept, and nothing is written once it is gone.
dd if=/dev/urandom of=/tmp/kept bs=1M count=4 2> /dev/null
dd if=/tmp/kept of=/dev/vda bs=1M oflag=direct conv=notrunc 2> /dev/null
sum=$(md5sum < /tmp/kept)
driver=/sys/bus/virtio/drivers/virtio_blk
region() { dd if=/dev/vda bs=1M skip=$1 count=$2 iflag=direct 2> /dev/null | md5sum; }
i=0
while [ $i -lt TIMES ]; do
  i=$((i + 1))
  device=$(basename $(readlink /sys/block/vda/device))
  fio --name=w --filename=/dev/vda --direct=1 --rw=randwrite --bsrange=4k-256k --iodepth=32 --ioengine=libaio --offset=8m --size=24m \
    --io_size=1g --randseed=$i > /dev/null 2>&1 &
  usleep $((600000 + i * 7919 % 50000))
  kill -0 $! 2> /dev/null || echo "WRONG fio had ended"
  if [ $((i % 2)) = 0 ]; then
    echo $device > $driver/unbind || echo "WRONG unbind"
    [ -e /sys/block/vda ] && echo "WRONG vda is still there"
    wait
    echo $device > $driver/bind || echo "WRONG bind"
  else
    # The function itself is taken off the bus and found again.
    function=$(readlink -f /sys/bus/virtio/devices/$device/..)
    echo 1 > $function/remove
    wait
    echo 1 > /sys/bus/pci/rescan
  fi
  n=0
  while [ ! -b /dev/vda ] && [ $n -lt 100 ]; do usleep 10000; n=$((n + 1)); done
  [ "$(region 0 4)" = "$sum" ] || echo "WRONG what was written before is lost"
  before=$(region 8 24)
  usleep 200000
  [ "$before" = "$(region 8 24)" ] || echo "WRONG written after the reset"
  dd if=/tmp/kept of=/dev/vda bs=64k seek=64 oflag=direct conv=notrunc,fsync 2> /dev/null || echo "WRONG cannot be written again"
  [ "$(region 4 4)" = "$sum" ] || echo "WRONG reads otherwise"
  echo "ROUND $i KEPT"
done
