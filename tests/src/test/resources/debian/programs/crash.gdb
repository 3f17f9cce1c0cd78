set pagination off
set width 0
run crash
print $_siginfo._sifields._sigfault.si_addr
print $_siginfo.si_signo
backtrace
