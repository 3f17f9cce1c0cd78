// Fills so many MiB and reads them back twice; tells how much of it lies above 4 GiB.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096UL

int main(int count, char **words) {
  uint64_t pages = (strtoul(words[1], 0, 0) << 20) / PAGE;
  uint64_t *at = mmap(0, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return perror("mmap"), 1;
  uint64_t wrong = 0;
  for (uint64_t page = 0; page < pages; page++)
    for (int word = 0; word < 512; word += 102) at[page * 512 + word] = (page * 512 + word) * 0x9e3779b97f4a7c15UL;
  for (int round = 0; round < 2; round++)
    for (uint64_t page = 0; page < pages; page++)
      for (int word = 0; word < 512; word += 102) wrong += at[page * 512 + word] != (page * 512 + word) * 0x9e3779b97f4a7c15UL;
  int file = open("/proc/self/pagemap", O_RDONLY);
  uint64_t above = 0, entry;
  for (uint64_t page = 0; page < pages; page++) {
    pread(file, &entry, 8, ((uint64_t)at / PAGE + page) * 8);
    above += (entry & ((1UL << 55) - 1)) >= 1UL << 20;
  }
  printf("wrong %lu above %lu MiB of %lu\n", wrong, above * PAGE >> 20, pages * PAGE >> 20);
  return wrong != 0;
}
