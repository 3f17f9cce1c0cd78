# What changes the kernel's own code while it runs: BPF's compiler, ftrace, probes, static keys, modules.
. ./lib.sh
mount -t tracefs tracefs /sys/kernel/tracing 2> /dev/null
T=/sys/kernel/tracing

gcc -O2 -Wall -o bpf bpf.c
for on in 0 1; do
  sysctl -q net.core.bpf_jit_enable=$on
  ./bpf > bpf.$on.log 2> bpf.$on.err
  check bpf-$on says bpf.$on.log "classic 2465 packets 449276650" "extended 3875 packets 251481084" "map 83367500"
  check bpf-$on-is-what-was-asked-for says bpf.$on.err "jited $on"
done

# traced TRACER: 200 opens of a file while a tracer is on, three times.
traced() {
  for round in 1 2 3; do
    echo "$1" > $T/current_tracer
    echo 1 > $T/tracing_on
    for i in $(seq 200); do read line < /etc/hostname; done
    echo 0 > $T/tracing_on
    grep -c -E '\bdo_sys_openat2\b' $T/trace > trace.$1
    echo nop > $T/current_tracer
    test "$(cat trace.$1)" -ge 200 || return 1
  done
}
echo 16384 > $T/buffer_size_kb
echo do_sys_open* > $T/set_ftrace_filter
check function-tracer-of-some traced function
check graph-tracer-of-some traced function_graph
echo > $T/set_ftrace_filter
check function-tracer-of-all traced function
check graph-tracer-of-all traced function_graph
echo 1 > $T/tracing_on

# probe DEFINITION COMMAND...: how often a kernel probe was met while the command ran, in $hits.
probe() {
  echo "$1" >> $T/kprobe_events || return 1
  shift
  echo > $T/trace
  echo 1 > $T/events/kprobes/enable
  sleep 1 # the kernel turns INT3 into a jump after a while
  cp /sys/kernel/debug/kprobes/list probes.log
  "$@"
  echo 0 > $T/events/kprobes/enable
  hits=$(grep -c ': mine' $T/trace)
  cp $T/trace /mnt/probe.log
  echo > $T/kprobe_events
}
opens() { for i in $(seq 50); do read line < /etc/debian_version; done; }
entry() { probe 'p:mine do_sys_openat2 file=+0(%si):ustring' opens && test "$(grep -c debian_version probe.log)" = 50; }
returned() { probe 'r:mine do_sys_openat2 got=$retval' opens && test "$hits" -ge 50; }
# inside JUMPS: a probe within a function, which is a jump if it has to be (1) or INT3 (0).
inside() {
  for at in 5 6 7 8 9 10 11 12; do
    probe "p:mine do_sys_openat2+$at" opens 2> /dev/null && test "$hits" -ge 50 \
      && test "$(grep -c OPTIMIZED probes.log)" = $1 && return 0
  done
  return 1
}
mount -t debugfs debugfs /sys/kernel/debug 2> /dev/null
check kernel-probe entry
check kernel-return-probe returned
sysctl -q debug.kprobes-optimization=0
check kernel-probe-by-breakpoint inside 0
sysctl -q debug.kprobes-optimization=1
check kernel-probe-by-jump inside 1

gcc -g -O1 -fno-inline -no-pie -o probed target.c
user() {
  at=$(nm probed | awk '$3 == "square" { print $1 }')
  where=$PWD/probed:$(printf '0x%x' $((0x$at - 0x400000)))
  printf 'p:up %s x=%%di\nr:down %s r=$retval\n' $where $where > $T/uprobe_events
  echo > $T/trace
  echo 1 > $T/events/uprobes/enable
  ./probed
  echo 0 > $T/events/uprobes/enable
  cp $T/trace user.log
  echo > $T/uprobe_events
  test "$(grep -c ': up:' user.log)" = 10 && grep -q 'up: .* x=0x9' user.log && grep -q 'down: .* r=0x51' user.log
}
check user-probe user

keys() {
  for i in $(seq 40); do
    sysctl -q kernel.sched_schedstats=$((i % 2)) || return 1
    echo $((i % 2)) > $T/events/sched/enable
    echo > $T/trace
    sh -c 'echo x | cat > /dev/null'
    seen=$(grep -c sched_switch: $T/trace)
    if [ $((i % 2)) = 1 ]; then test $seen -gt 0; else test $seen = 0; fi || return 1
  done
  echo 0 > $T/events/sched/enable
}
check static-keys keys

# Loading raid6_pq tries out its SSE routines; the ciphers' tests of themselves run at the first use.
modules() {
  all="raid6_pq xor loop dummy nbd null_blk blowfish_x86_64 serpent_sse2_x86_64 sha512_ssse3"
  for i in 1 2 3 4 5; do
    for m in $all; do
      modprobe $m || { echo "no $m"; return 1; }
    done
    for m in $all; do
      modprobe -r $m 2> /dev/null || rmmod $m || { echo "$m stays"; return 1; }
    done
  done
}
check modules-come-and-go modules
dmesg > dmesg.log
quiet() { grep -q 'Linux version' dmesg.log && ! grep -E 'BUG:|Oops|Call Trace|WARNING:|general protection' dmesg.log; }
check kernel-has-nothing-to-complain-about quiet
