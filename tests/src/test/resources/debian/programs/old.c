// A 32-bit program: system calls by INT 80H and through the vDSO (SYSENTER), signals of both kinds, threads with their own GS,
// an alternate stack, x87 and SSE arithmetic, 64-bit integers.
#define _GNU_SOURCE
#include <elf.h>
#include <link.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long by_interrupt(long number) {
  long result;
  asm volatile("int $0x80" : "=a"(result) : "a"(number) : "memory");
  return result;
}

static long by_vsyscall(long number) {
  long result;
  asm volatile("call *%%gs:0x10" : "=a"(result) : "a"(number) : "memory");
  return result;
}

static volatile int usual, extended, on_stack;
static sigjmp_buf back;
static char stack[65536];
static void *fault;

static void on_usual(int number) { usual += number; }

static void on_extended(int number, siginfo_t *info, void *context) {
  int here;
  extended += number;
  fault = info->si_addr;
  on_stack = (char *)&here >= stack && (char *)&here < stack + sizeof stack;
  siglongjmp(back, 1);
}

static __thread int own = 5;
static int sums[4];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int shared;

static void *thread(void *which) {
  for (int i = 0; i < 20000; i++) {
    own += i % 7;
    pthread_mutex_lock(&lock);
    shared++;
    pthread_mutex_unlock(&lock);
  }
  unsigned short gs;
  asm("mov %%gs, %0" : "=r"(gs));
  sums[(long)which] = own + (gs ? 0 : 1000000);
  return 0;
}

int main(void) {
  pid_t self = getpid();
  printf("bits %zu\n", 8 * sizeof(long));
  printf("int80 %d vdso %d\n", by_interrupt(SYS_getpid) == self, by_vsyscall(SYS_getpid) == self);
  int same = 0;
  for (int i = 0; i < 1000; i++) same += by_vsyscall(SYS_getppid) == by_interrupt(SYS_getppid);
  printf("calls %d\n", same);

  Elf32_Ehdr *vdso = (Elf32_Ehdr *)getauxval(AT_SYSINFO_EHDR);
  printf("vdso %d %d\n", vdso->e_ident[EI_CLASS], memmem(vdso, 4096 * 2, "\x0f\x34", 2) != 0);

  signal(SIGUSR1, on_usual);
  raise(SIGUSR1);
  kill(self, SIGUSR1);
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternate, 0);
  struct sigaction action = {.sa_sigaction = on_extended, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
  sigaction(SIGSEGV, &action, 0);
  for (volatile int i = 0; i < 10; i++)
    if (!sigsetjmp(back, 1)) *(volatile int *)(0x1230 + i) = 1;
  printf("signals %d %d %d %p\n", usual, extended, on_stack, fault);

  struct itimerval every = {{0, 2000}, {0, 2000}};
  signal(SIGALRM, on_usual);
  usual = 0;
  setitimer(ITIMER_REAL, &every, 0);
  double spin = 0;
  while (usual < 20 * SIGALRM) spin += 1.0;
  memset(&every, 0, sizeof every);
  setitimer(ITIMER_REAL, &every, 0);
  printf("timer %d\n", spin > 100);

  pthread_t threads[4];
  for (long i = 0; i < 4; i++) pthread_create(threads + i, 0, thread, (void *)i);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], 0);
  printf("threads %d %d %d %d of %d, own %d\n", sums[0], sums[1], sums[2], sums[3], shared, own);

  volatile double third = 1.0 / 3.0;
  volatile long double wide = 1.0L / 3.0L;
  volatile float narrow = 1.0f / 3.0f;
  printf("floats %.17g %.21Lg %.9g %a\n", third, wide, narrow, third * 3e300);
  volatile unsigned long long big = 0x123456789abcdefULL;
  printf("longs %llu %llu %lld\n", big / 1000003, big % 1000003, -(long long)big >> 7);
  struct timespec a, b;
  clock_gettime(CLOCK_MONOTONIC, &a);
  clock_gettime(CLOCK_MONOTONIC, &b);
  printf("clock %d\n", b.tv_sec > a.tv_sec || b.tv_nsec >= a.tv_nsec);
  return 0;
}
