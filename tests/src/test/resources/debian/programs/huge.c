// Huge pages: every 4 KiB of them has its own values, seen through mappings, protections, forks and splits.
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SMALL 4096UL

static sigjmp_buf back;
static volatile void *fault;

static void on_fault(int number, siginfo_t *info, void *context) {
  fault = info->si_addr;
  siglongjmp(back, 1);
}

static uint64_t value(uint64_t page, int word, uint64_t salt) {
  return (page * 512 + word) * 0x9e3779b97f4a7c15UL ^ salt;
}

static void fill(char *at, size_t bytes, uint64_t salt) {
  for (size_t page = 0; page < bytes / SMALL; page++)
    for (int word = 0; word < 512; word += 73) ((uint64_t *)(at + page * SMALL))[word] = value(page, word, salt);
}

static int right(char *at, size_t bytes, uint64_t salt) {
  int good = 0;
  for (size_t page = 0; page < bytes / SMALL; page++) {
    int all = 1;
    for (int word = 0; word < 512; word += 73) all &= ((uint64_t *)(at + page * SMALL))[word] == value(page, word, salt);
    good += all;
  }
  return good == (int)(bytes / SMALL);
}

static int refuses(volatile char *at) {
  fault = 0;
  if (!sigsetjmp(back, 1)) *at = 1;
  return fault == at;
}

// Whether physical memory is contiguous and aligned in pieces of a size.
static int contiguous(char *at, size_t bytes, size_t piece) {
  int file = open("/proc/self/pagemap", O_RDONLY);
  uint64_t entry, first = 0;
  int good = file >= 0;
  for (size_t page = 0; page < bytes / SMALL; page++) {
    pread(file, &entry, 8, ((uint64_t)at / SMALL + page) * 8);
    entry &= (1UL << 55) - 1;
    size_t inside = page % (piece / SMALL);
    if (inside == 0) first = entry, good &= entry != 0 && entry % (piece / SMALL) == 0;
    good &= entry == first + inside;
  }
  close(file);
  return good;
}

static int child_writes(char *at, size_t bytes, size_t step) {
  pid_t child = fork();
  if (!child) {
    int before = right(at, bytes, 1);
    for (size_t i = 0; i < bytes; i += step) at[i] ^= 1;
    int changed = !right(at, bytes, 1);
    for (size_t i = 0; i < bytes; i += step) at[i] ^= 1;
    fill(at, bytes, 2);
    _exit(before && changed && right(at, bytes, 2) ? 0 : 1);
  }
  int status = 1;
  waitpid(child, &status, 0);
  return status == 0 && right(at, bytes, 1);
}

static void pool(size_t piece, int count, int flags) {
  size_t bytes = piece * count;
  char *at = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | flags, -1, 0);
  if (at == MAP_FAILED) return perror("mmap");
  fill(at, bytes, 1);
  printf("values %d\ncontiguous %d\n", right(at, bytes, 1), contiguous(at, bytes, piece));
  if (count > 1) {
    mprotect(at + piece, piece, PROT_READ);
    printf("protected %d %d\n", refuses(at + piece + 12345), right(at, bytes, 1));
    mprotect(at + piece, piece, PROT_READ | PROT_WRITE);
    printf("unprotected %d\n", !refuses(at + piece + 12344) && 1);
    fill(at, bytes, 1);
    printf("forked %d\n", child_writes(at, piece * (count / 2), SMALL));
    munmap(at + piece, piece);
    printf("unmapped %d %d\n", refuses(at + piece + 4096), right(at, piece, 1));
  }
  munmap(at, bytes);

  int file = memfd_create("huge", MFD_HUGETLB | (unsigned)flags);
  if (file < 0 || ftruncate(file, piece)) return perror("memfd");
  char *one = mmap(0, piece, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  char *other = mmap(0, piece, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED, file, 0);
  fill(one, piece, 3);
  printf("two mappings %d\n", right(other, piece, 3));
  int ran = 0;
  for (int i = 0; i < 1000; i++) {
    unsigned char code[] = {0xb8, i, i >> 8, 0, 0, 0xc3};
    memcpy(one + i * 997, code, sizeof code);
    ran += ((int (*)(void))(other + i * 997))() == i;
  }
  printf("code %d\n", ran);
}

static long thp(char *at) {
  char line[256], want[64];
  long kib = -1;
  int inside = 0;
  FILE *maps = fopen("/proc/self/smaps", "r");
  while (fgets(line, sizeof line, maps)) {
    unsigned long from, to;
    if (sscanf(line, "%lx-%lx %63s", &from, &to, want) == 3) inside = (unsigned long)at >= from && (unsigned long)at < to;
    if (inside && kib < 0) sscanf(line, "AnonHugePages: %ld", &kib);
  }
  fclose(maps);
  return kib;
}

static void transparent(void) {
  size_t piece = 2UL << 20, bytes = 8 * piece;
  char *raw = mmap(0, bytes + piece, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *at = (char *)(((uintptr_t)raw + piece - 1) & -piece);
  madvise(at, bytes, MADV_HUGEPAGE);
  fill(at, bytes, 1);
  printf("transparent %d %d %d\n", thp(at) >= 8 * 2048, contiguous(at, bytes, piece), right(at, bytes, 1));
  printf("copied %d\n", child_writes(at, bytes, SMALL * 3));
  mprotect(at + piece + 5 * SMALL, SMALL, PROT_READ);
  printf("split %d %d\n", refuses(at + piece + 5 * SMALL + 8), right(at, bytes, 1));
  munmap(at + 3 * piece + SMALL * 9, SMALL);
  printf("hole %d %d\n", refuses(at + 3 * piece + SMALL * 9), right(at, 3 * piece, 1));
  madvise(at + 4 * piece, piece, MADV_DONTNEED);
  int zero = 1;
  for (size_t i = 0; i < piece; i += 512) zero &= at[4 * piece + i] == 0;
  printf("dropped %d\n", zero);
}

int main(int count, char **words) {
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
  sigaction(SIGSEGV, &action, 0);
  sigaction(SIGBUS, &action, 0);
  setvbuf(stdout, 0, _IOLBF, 0);
  if (!strcmp(words[1], "2m")) pool(2UL << 20, 8, 21 << 26);
  if (!strcmp(words[1], "1g")) pool(1UL << 30, atoi(words[2]), 30 << 26);
  if (!strcmp(words[1], "thp")) transparent();
  return 0;
}
