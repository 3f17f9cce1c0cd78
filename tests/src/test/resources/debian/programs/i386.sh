# 32-bit programs, with shared libraries and without; the program says what it found, and some of it is compared here.
. ./lib.sh
cp -a i386/usr/. /usr/
ln -sfn usr/lib32 /lib32
ln -sfn x86_64-linux-gnu/asm /usr/include/asm
gcc -m32 -O2 -pthread -o old32 old.c
timeout 120 ./old32 > old32.log 2>&1
check compat-program-ends test $? = 0
gcc -m32 -O2 -static -pthread -o old32s old.c
timeout 120 ./old32s > old32s.log 2>&1
check static-compat-program-says-the-same cmp old32.log old32s.log
check compat-program says old32.log "bits 32" "int80 1 vdso 1" "calls 1000" "vdso 1 1" \
  "signals 20 110 1 0x1239" "timer 1" "clock 1" "longs 81985283260 637115 -640511947003804" \
  "threads 60002 60002 60002 60002 of 80000, own 5" \
  "floats 0.33333333333333331 0.333333333333333333342 0.333333343 0x1.7e43c8800759cp+996"
