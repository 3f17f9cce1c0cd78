#!/bin/busybox sh
# Runs one command in a root file system and tells its status. Serial lines: ttyS1 the command's standard input and output,
# ttyS2 its standard error, ttyS3 what the agent says: "run" when the command starts, "fail TEXT", "copied N STATUS", "exit STATUS".
# /agent/settings is ours, one line a variable; /agent/launch is read inside the new root.
bb=/bin/busybox
$bb mount -t devtmpfs dev /dev && $bb mount -t proc proc /proc || exit 1
. /agent/settings
$bb stty -F /dev/ttyS3 raw -echo 115200
exec 3<>/dev/ttyS3 || exit 1

fail() {
  echo "fail $*" >&3
  while :; do sleep 1000; done
}

for m in $(cat /etc/modules); do
  insmod "/lib/modules/$m.ko" || fail "the kernel does not take its driver $m"
done

tries=300
until [ -b /dev/vda ]; do
  [ $tries -gt 0 ] || fail "the disk with the directory did not appear"
  tries=$((tries - 1))
  sleep 0.01
done
mount -t ext4 -o "$mode,noatime" /dev/vda /root || fail "the kernel does not mount the directory's ext4 file system"
mkdir /dev/pts /dev/shm
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
ln -s fd/1 /dev/stdout
ln -s fd/2 /dev/stderr
mount -a -T /agent/fstab || fail "the kernel lacks one of proc, sysfs, devtmpfs, devpts and tmpfs"

# The new root goes on top of this one, which only this process still sees.
cd /root && mount -o move . / || fail "the root file system cannot be put in its place"

launch="env -i TERM=$term chroot . sh /proc/self/fd/9"
case $stdin in
  terminal)
    # A terminal has its size only as long as somebody has it open.
    exec 4<>/dev/ttyS1
    stty -F /dev/ttyS1 sane 115200 crtscts rows "$rows" cols "$columns"
    stty -F /dev/ttyS2 raw -echo 115200
    while read -r rows columns; do stty -F /dev/ttyS1 rows "$rows" cols "$columns"; done <&3 &
    if [ "$stderr" = apart ]; then errors=/dev/ttyS2; else errors=/dev/ttyS1; fi
    echo run >&3
    # The end of a session's leader hangs its terminal up, with what was not sent yet: so a shell leads, and waits for that.
    # shellcheck disable=SC2016
    setsid -c sh -c 'trap : INT QUIT; "$@"; status=$?; stty -F /dev/ttyS1 sane; exit $status' sh $launch \
      3<&- 4<&- 9</agent/launch </dev/ttyS1 >/dev/ttyS1 2>"$errors"
    status=$? ;;
  none)
    stty -F /dev/ttyS1 raw -echo 115200
    stty -F /dev/ttyS2 raw -echo 115200
    echo run >&3
    setsid $launch 3<&- 9</agent/launch </dev/null >/dev/ttyS1 2>/dev/ttyS2
    status=$? ;;
  stream)
    # Input comes in lines of the terminal driver, each ended by a newline or Ctrl-D, bytes that mean something to it after
    # Ctrl-V; a lone Ctrl-D is the end. The command itself gets a pipe. Hardware flow control keeps what it does not take.
    stty -F /dev/ttyS1 raw -echo 115200 icanon iexten crtscts eof ^D lnext ^V eol undef eol2 undef erase undef kill undef \
      werase undef rprnt undef
    stty -F /dev/ttyS2 raw -echo 115200
    mkfifo /agent/stdin
    # Not cat: its sendfile holds the pipe's lock while it waits for the terminal, and nobody could close the other end.
    dd bs=4096 </dev/ttyS1 >/agent/stdin 2>/dev/null 3<&- &
    echo run >&3
    setsid $launch 3<&- 9</agent/launch </agent/stdin >/dev/ttyS1 2>/dev/ttyS2
    status=$? ;;
esac

# Whatever it left running goes first, or the lines would never be quiet. Setting a line waits until all is sent.
kill -9 -1
stty -F /dev/ttyS1 raw
stty -F /dev/ttyS2 raw

n=0
while [ $n -lt "$copies" ]; do
  n=$((n + 1))
  # shellcheck disable=SC2016
  chroot . sh -c "$(cat /agent/copy)" copy "$(cat "/agent/copy-$n")" >"/dev/vd$disk"
  echo "copied $n $?" >&3
  disk=$(echo "$disk" | tr a-y b-z)
done

echo "exit $status" >&3
while :; do sleep 1000; done
