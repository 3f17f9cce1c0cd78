# In the guest, from /mnt: builds the x86 selftests unless an earlier run has, and runs all that the line of the kernel does not
# leave out. A line of results is a name and an exit status.
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
  timeout 60 ./$t > /mnt/$t.log 2>&1
  echo "$t $?" >> /mnt/results
done
