# In the guest, from /mnt: builds the x86 selftests unless the other peer has, and runs all that the line of the kernel does not
# leave out. A line of results is a name and an exit status.
out=/mnt/$(sed 's/.*peer=\([a-z]*\).*/\1/' /proc/cmdline)
mkdir "$out"
cp -a i386/usr/. /usr/
ln -sfn usr/lib32 /lib32
ln -sfn x86_64-linux-gnu/asm /usr/include/asm
cd tools/testing/selftests/x86
if [ ! -e built ]; then
  make -k > /mnt/build.log 2>&1
  touch built
fi
for t in *_32 *_64; do
  grep -q "leave-out=$t\b" /proc/cmdline && continue
  # The limit is for what hangs: QEMU's guests have the host's time, however busy that is.
  tries=1
  # Without FSGSBASE Linux keeps a base that "mov 0, %gs" has cleared, if another process runs before it is asked for the base
  # (save_base_legacy in process_64.c says so), and the test takes that for a fault. In real time chance decides.
  case $t:$out in fsgsbase_64:*/theirs) tries=6 ;; esac
  while timeout 900 ./$t > "$out/$t.log" 2>&1; status=$?; [ $status -ne 0 ] && [ $((tries -= 1)) -gt 0 ]; do :; done
  echo "$t $status" >> "$out/results"
done
