# In the guest, from /mnt: every stressor of these classes and those of signals, one after the other, for as many rounds as one or
# two seconds of the guest's time allow. A line of results is a name and an exit status.
cd /tmp
names=$(for class in cpu cpu-cache memory vm; do stress-ng --class $class? 2>&1 | sed 's/.*: //'; done)
signals="sigabrt sigchld sigfd sigfpe sigio signal signest sigpending sigpipe sigq sigrt sigsegv sigsuspend sigtrap"
for s in $(printf '%s\n' $names $signals | sort -u); do
  timeout -s KILL 120 stress-ng --verify --oomable --$s 1 --$s-ops 2 -t 2 --vm-bytes 32M --mmap-bytes 16M \
    --malloc-bytes 16M --bigheap-growth 8M > /mnt/$s.log 2>&1
  echo "$s $?" >> /mnt/results
done
