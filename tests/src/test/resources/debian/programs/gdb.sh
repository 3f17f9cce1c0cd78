# gdb in a Debian: breakpoints, watchpoints, steps, signals, a process that runs already, reverse execution.
. ./lib.sh
export HOME=/root
gcc -g -O1 -fno-inline -no-pie -o target target.c
for script in break watch softwatch step finish crash; do
  timeout 300 gdb -nx -batch -x $script.gdb ./target > $script.log 2>&1
done
./target wait &
timeout 60 gdb -nx -batch -x attach.gdb -p $! ./target > attach.log 2>&1
check attach-leaves-it-running kill $!

check software-breakpoint says break.log "SOFT 10 10"
check hardware-breakpoint says break.log "HARD 10 10"
check hardware-watchpoint says watch.log \
  "WATCH 1 at 0" "WATCH 5 at 3" "WATCH 12 at 6" "WATCH 22 at 9" "AWATCH 9" "Hardware watchpoint 2: watched"
check software-watchpoint says softwatch.log \
  "WATCH 1 at 0" "WATCH 5 at 3" "WATCH 12 at 6" "WATCH 22 at 9" "Watchpoint 2: watched"
check step-over-system-call says step.log "CALL 1 1"
check step-over-string-instruction says step.log "COPY 1 left 4" "COPIED 1 left 0, abcde"
check step-over-flags says step.log "FLAGS 1" "BACK 1"
check finish-and-backtrace says finish.log "Value returned is \$1 = 16" "i = 4" "sum = 18"
check reverse-execution says finish.log "FORWARD 1" "REVERSED 1" "AGAIN 1"
check segmentation-fault says crash.log "\$1 = (void *) 0xdead004" "\$2 = 11"
check attach says attach.log "ATTACHED 20"

gcc -O0 -o breakpoints tools/testing/selftests/breakpoints/breakpoint_test.c
timeout 60 ./breakpoints > breakpoints.log 2>&1
check kernels-own-test-of-breakpoints says breakpoints.log "# Totals: pass:110 fail:0 xfail:0 xpass:0 skip:0 error:0"
