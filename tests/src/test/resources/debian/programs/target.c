// What the debugger looks at: calls in a loop, changes of a variable, instructions that are hard to step over.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

volatile long counter, watched, twin, self;
char from[8] = "abcdefg", to[8];

__attribute__((noinline)) long square(long x) {
  counter++;
  return x * x;
}

__attribute__((noinline)) long outer(long x) { return square(x) + 1; }

void steps(void);
asm(".globl steps, at_call, after_call, at_copy, after_copy, at_flags, after_flags\n"
    "steps:\n"
    "  mov $39, %eax\n"
    "at_call: syscall\n"
    "after_call: lea from(%rip), %rsi\n"
    "  lea to(%rip), %rdi\n"
    "  mov $5, %ecx\n"
    "at_copy: rep movsb\n"
    "after_copy: nop\n"
    "at_flags: pushf\n"
    "after_flags: pop %rax\n"
    "  ret\n");

int main(int count, char **words) {
  long sum = 0;
  self = getpid();
  if (count > 1 && !strcmp(words[1], "wait")) {
    for (;;) {
      sum += outer(3);
      usleep(1000);
    }
  }
  for (long i = 0; i < 10; i++) {
    sum += outer(i);
    twin = i;
    if (i % 3 == 0) watched = watched + i + 1;
  }
  steps();
  counter = -counter;
  counter = -counter;
  printf("sum %ld watched %ld to %s\n", sum, watched, to);
  if (count > 1 && !strcmp(words[1], "crash")) *(volatile int *)0xdead004 = 1;
  return 7;
}
