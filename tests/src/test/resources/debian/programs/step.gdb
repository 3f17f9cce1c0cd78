set pagination off
set width 0
set confirm off
break at_call
run
stepi
printf "CALL %d %d\n", (long)$rip == (long)&after_call, $rax == self
tbreak at_copy
continue
stepi
printf "COPY %d left %d\n", (long)$rip == (long)&at_copy, $rcx
stepi
stepi
stepi
stepi
printf "COPIED %d left %d, %s\n", (long)$rip == (long)&after_copy, $rcx, (char *)to
stepi
stepi
printf "FLAGS %d\n", (long)$rip == (long)&after_flags
stepi
printf "BACK %d\n", (long)$rip == (long)&after_flags + 1
delete
continue
