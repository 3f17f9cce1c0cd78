# In the guest, from /mnt: every stressor of these classes and those of signals, one after the other, for as many rounds as one or
# two seconds of the guest's time allow. A line of results is a name and an exit status.
out=/mnt/$(sed 's/.*peer=\([a-z]*\).*/\1/' /proc/cmdline)
mkdir "$out"
cd /tmp
names=$(for class in cpu cpu-cache memory vm; do stress-ng --class $class? 2>&1 | sed 's/.*: //'; done)
signals="sigabrt sigchld sigfd sigfpe sigio signal signest sigpending sigpipe sigq sigrt sigsegv sigsuspend sigtrap"
for s in $(printf '%s\n' $names $signals | sort -u); do
  # The limit is for what hangs: QEMU's guests have the host's time, however busy that is. Sizes keep single rounds short.
  timeout -s KILL 900 stress-ng --verify --oomable --$s 1 --$s-ops 2 -t 2 --vm-bytes 32M --mmap-bytes 16M \
    --malloc-bytes 16M --bigheap-growth 8M --judy-size 16384 > "$out/$s.log" 2>&1
  echo "$s $?" >> "$out/results"
done
