set pagination off
set width 0
set confirm off
set can-use-hw-watchpoints 0
break main
run
delete
watch watched
set $i = 0
while $i < 4
continue
printf "WATCH %d at %d\n", watched, twin
set $i = $i + 1
end
