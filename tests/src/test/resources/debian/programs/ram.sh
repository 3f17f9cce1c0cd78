# All the memory that the machine has, but for half a GiB, filled and read.
. ./lib.sh
gcc -O2 -Wall -o ram ram.c
total=$(awk '/MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
echo "memory-total $total" >> /mnt/results
timeout 600 ./ram $((total - 512)) > ram.log 2>&1
check memory-keeps-what-is-written test $? = 0
above=$(sed 's/.*above \([0-9]*\) .*/\1/' ram.log)
echo "memory-above-4-gib $above" >> /mnt/results
