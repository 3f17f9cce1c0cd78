set pagination off
set width 0
set confirm off
set $n = 0
break square
commands
silent
set $n = $n + 1
continue
end
break steps
run
printf "SOFT %d %d\n", $n, counter
delete
set $n = 0
starti
hbreak square
commands
silent
set $n = $n + 1
continue
end
hbreak steps
continue
printf "HARD %d %d\n", $n, counter
