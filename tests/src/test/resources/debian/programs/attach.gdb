set pagination off
set width 0
set confirm off
break square
continue
backtrace
set $before = counter
continue 20
printf "ATTACHED %d\n", counter - $before
detach
