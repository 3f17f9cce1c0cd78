set pagination off
set width 0
set confirm off
break square if x == 4
run
backtrace
finish
up
info locals
delete
break steps
continue
record full
stepi
stepi
printf "FORWARD %d\n", $rax == self
reverse-stepi
reverse-stepi
printf "REVERSED %d\n", (long)$rip == (long)&steps
stepi
printf "AGAIN %d\n", (long)$rip == (long)&at_call
record stop
