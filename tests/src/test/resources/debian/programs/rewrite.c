// A program that writes its own code: in a page that is written and run by turns, in the page that is being run, across the
// border of two pages, and through a second mapping of the same memory.
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096
typedef int (*function)(void);

// mov eax, value; ret
static void put(unsigned char *at, int value) {
  at[0] = 0xb8;
  memcpy(at + 1, &value, 4);
  at[5] = 0xc3;
}

static int rounds(unsigned char *write, unsigned char *run, int n) {
  int right = 0;
  for (int i = 0; i < n; i++) {
    put(write, i * 7919);
    right += ((function)run)() == i * 7919;
  }
  return right;
}

// Code in the page of `at` that changes the instruction after the next jump: each call returns the number it is given.
static int same_page(unsigned char *at, int n) {
  static const unsigned char code[] = {
      0x89, 0x3d, 4, 0, 0, 0,  // mov [rip + 4], edi
      0xeb, 0,                 // jmp next
      0x90, 0xb8, 0, 0, 0, 0,  // nop; mov eax, ?
      0xc3};
  int right = 0;
  memcpy(at, code, sizeof code);
  for (int i = 0; i < n; i++) right += ((int (*)(int))at)(i ^ 0x5a5a5a) == (i ^ 0x5a5a5a);
  return right;
}

int main(void) {
  unsigned char *area = mmap(0, 4 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  printf("one page %d\n", rounds(area, area, 20000));
  printf("two pages %d\n", rounds(area + PAGE - 3, area + PAGE - 3, 20000));
  printf("itself %d\n", same_page(area + 2 * PAGE + 100, 20000));
  printf("itself across pages %d\n", same_page(area + 2 * PAGE - 8, 20000));

  int many = 0;
  for (int i = 0; i < 20000; i++) {
    unsigned char *at = area + (i * 37 % (4 * PAGE - 6));
    put(at, i);
    many += ((function)at)() == i;
  }
  printf("everywhere %d\n", many);

  int file = memfd_create("code", 0);
  ftruncate(file, 2 * PAGE);
  unsigned char *write = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  unsigned char *run = mmap(0, 2 * PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, file, 0);
  printf("two mappings %d\n", rounds(write + 16, run + 16, 20000));
  printf("two mappings of two pages %d\n", rounds(write + PAGE - 2, run + PAGE - 2, 20000));
  int called = 0;
  for (int i = 0; i < 500; i++) {
    put(area, i);
    pwrite(file, area, 6, 64);
    called += ((function)(run + 64))() == i;
  }
  printf("written by the kernel %d\n", called);
  int protected = 0;
  for (int i = 0; i < 500; i++) {
    mprotect(area, PAGE, PROT_READ | PROT_WRITE);
    put(area, i + 3);
    mprotect(area, PAGE, PROT_READ | PROT_EXEC);
    protected += ((function)area)() == i + 3;
  }
  printf("by mprotect %d\n", protected);
  return 0;
}
