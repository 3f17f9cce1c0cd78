# Code made at run time in user space: a program that changes itself, Java, Lua and regular expressions, compiled and interpreted.
. ./lib.sh
gcc -O2 -Wall -o rewrite rewrite.c
./rewrite > rewrite.log
check program-that-rewrites-itself says rewrite.log "one page 20000" "two pages 20000" "itself 20000" \
  "itself across pages 20000" "everywhere 20000" "two mappings 20000" "two mappings of two pages 20000" \
  "written by the kernel 500" "by mprotect 500"

cp -a jit/usr/. /usr/
cp -a jit/etc/. /etc/
ldconfig
java() {
  timeout 900 /usr/lib/jvm/java-17-openjdk-amd64/bin/java -Xshare:auto -Xmx128m -cp . "$@"
}
java -Xint Warm > java.interpreted 2>&1
check java-interpreted says java.interpreted \
  "collatz 1834604" "areas 2.673138850291205E10" "traps 8941330" "map -504005304" "threads 599970000" "garbage 30044850" \
  "digest 6dd2bd7fb287c2560a620072a47c0423c19e6296aa5b6f3c127a9aa9c971b4f5"
java -XX:TieredStopAtLevel=1 Warm > java.c1 2>&1
check java-by-first-compiler cmp java.interpreted java.c1
java -XX:-TieredCompilation Warm > java.c2 2>&1
check java-by-second-compiler cmp java.interpreted java.c2
java -Xcomp Warm > java.all 2>&1
check java-all-compiled cmp java.interpreted java.all

luajit -joff warm.lua > lua.interpreted 2>&1
luajit -O3 -Ohotloop=2 warm.lua > lua.compiled 2>&1
check lua-interpreted grep -q "primes.2262" lua.interpreted
check lua-compiled cmp lua.interpreted lua.compiled

seq 1 60000 | sed 's/$/ abcabc xyz/' > lines
for pattern in '^(\d)\d*\1 (abc)\2' '(?<=7)3+(?!5)\d\b' '^(?:(\d)(?!.*\1.* ))+ a' '\b(\w)(\w)?(\w)?\3?\2\1\b'; do
  grep -cP "$pattern" lines
  grep -cP "(*NO_JIT)$pattern" lines
done > grep.log 2>&1
check regular-expressions-agree awk 'NR % 2 { n = $1 } NR % 2 == 0 && $1 != n { bad = 1 } END { exit bad || NR != 8 }' grep.log
