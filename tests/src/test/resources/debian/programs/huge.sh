# Huge pages of 2 MiB, from the pool and transparent; of 1 GiB where the command line of the kernel asks for them.
. ./lib.sh
gcc -O2 -Wall -o huge huge.c
sysctl -q vm.nr_hugepages=16
check pool-of-huge-pages grep -q 'HugePages_Total: *16$' /proc/meminfo
timeout 300 ./huge 2m > huge.2m.log 2>&1
check huge-pages-of-2-mib says huge.2m.log "values 1" "contiguous 1" "protected 1 1" "unprotected 1" "forked 1" \
  "unmapped 1 1" "two mappings 1" "code 1000"
sysctl -q vm.nr_hugepages=0
timeout 300 ./huge thp > huge.thp.log 2>&1
check transparent-huge-pages says huge.thp.log "transparent 1 1 1" "copied 1" "split 1 1" "hole 1 1" "dropped 1"
if grep -q hugepagesz=1G /proc/cmdline; then
  check cpu-has-pages-of-1-gib grep -q pdpe1gb /proc/cpuinfo
  timeout 600 ./huge 1g 1 > huge.1g.log 2>&1
  check huge-page-of-1-gib says huge.1g.log "values 1" "contiguous 1" "two mappings 1" "code 1000"
fi
