set pagination off
set width 0
set confirm off
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
delete
tbreak main
run
awatch twin
set $i = 0
while $i < 10
continue
set $i = $i + 1
end
printf "AWATCH %d\n", twin
