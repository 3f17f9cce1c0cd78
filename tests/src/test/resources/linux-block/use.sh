# Each disk: 1 MiB written past the cache and 1 MiB through it, read back, flushed, zeroed and discarded in parts.
dd if=/dev/urandom of=/tmp/data bs=64k count=16 2> /dev/null
sum() { dd if=$1 bs=64k skip=$2 count=$3 $4 2> /dev/null | md5sum; }
whole=$(sum /tmp/data 0 16)
zero=$(sum /dev/zero 0 1)
low=$(sum /tmp/data 3 1)
high=$(sum /tmp/data 7 1)
for d in /sys/block/vd?; do
  n=${d##*/}
  at() { sum /dev/$n $1 $2 iflag=direct; }
  dd if=/tmp/data of=/dev/$n bs=64k seek=16 oflag=direct conv=fsync,notrunc 2> /dev/null || echo "WRONG $n cannot be written"
  dd if=/tmp/data of=/dev/$n bs=64k seek=32 conv=fsync,notrunc 2> /dev/null || echo "WRONG $n cannot be written"
  [ "$(at 16 16)" = "$whole" ] || echo "WRONG $n reads otherwise"
  blockdev --flushbufs /dev/$n
  [ "$(at 32 16)" = "$whole" ] || echo "WRONG $n reads otherwise through the cache"
  # Zeroes, by the device or by writing: the middle of what was written, its neighbours stay.
  blkdiscard -z -o $((20 * 65536)) -l 65536 /dev/$n && [ "$(at 20 1)" = "$zero" ] || echo "WRONG $n zeroes"
  fallocate -n -z -o $((21 * 65536)) -l 65536 /dev/$n && [ "$(at 21 1)" = "$zero" ] || echo "WRONG $n fallocate -z"
  done=zeroed
  if [ $(cat $d/queue/write_zeroes_max_bytes) -gt 0 ]; then
    fallocate -p -o $((22 * 65536)) -l 65536 /dev/$n && [ "$(at 22 1)" = "$zero" ] || echo "WRONG $n fallocate -p"
    done="$done punched"
  fi
  if [ $(cat $d/queue/discard_max_bytes) -gt 0 ]; then
    blkdiscard -o $((32 * 65536)) -l $((8 * 65536)) /dev/$n && done="$done discarded" || echo "WRONG $n blkdiscard"
  else
    blkdiscard -o $((32 * 65536)) -l $((8 * 65536)) /dev/$n 2> /dev/null && echo "WRONG $n discards"
  fi
  blkdiscard -s -l 1048576 /dev/$n 2> /dev/null && echo "WRONG $n erases securely"
  [ "$(at 19 1)" = "$low" ] && [ "$(at 23 1)" = "$high" ] || echo "WRONG $n lost a neighbour"
  [ "$(at 40 8)" = "$(sum /tmp/data 8 8)" ] || echo "WRONG $n lost the neighbour of the discard"
  # CONFIG_WCE: the driver's switch, in both directions.
  if [ $(cut -c 12 $d/device/features) = 1 ]; then
    was=$(cat $d/cache_type)
    for mode in "write through" "write back" "$was"; do
      echo "$mode" > $d/cache_type
      [ "$(cat $d/cache_type)" = "$mode" ] || echo "WRONG $n cache stays $(cat $d/cache_type)"
      dd if=/tmp/data of=/dev/$n bs=64k count=2 oflag=direct conv=fsync,notrunc 2> /dev/null || echo "WRONG $n $mode"
    done
    done="$done switched"
  fi
  echo "$n USED $done"
done
