# What Linux makes of each disk: SEEN disk name value.
for d in /sys/block/vd?; do
  n=${d##*/}
  echo "SEEN $n features $(cat $d/device/features)"
  for q in logical_block_size physical_block_size minimum_io_size optimal_io_size max_segments max_segment_size \
    discard_max_bytes discard_max_hw_bytes discard_granularity write_zeroes_max_bytes write_same_max_bytes write_cache fua \
    rotational hw_sector_size zoned max_discard_segments max_hw_sectors_kb nr_zones; do
    echo "SEEN $n $q $(cat $d/queue/$q)"
  done
  for f in ro size cache_type alignment_offset discard_alignment removable; do echo "SEEN $n $f $(cat $d/$f)"; done
  echo "SEEN $n queues $(ls $d/mq | wc -l)"
  echo "SEEN $n lsblk $(lsblk -dno ALIGNMENT,MIN-IO,OPT-IO,PHY-SEC,LOG-SEC,ROTA,RQ-SIZE,DISC-ZERO,WSAME,RO,TYPE,SIZE,RM,TRAN,ZONED /dev/$n | xargs)"
done
