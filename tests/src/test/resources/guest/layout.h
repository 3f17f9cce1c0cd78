/* Where everything lies in the guest's 64 MiB of RAM. */
#define LOAD 0x1000000
#define PROGRAM (LOAD + 0x1000)
#define PAGE_TABLES 0x2000000
#define STACK_TOP 0x2040000
#define HEAP 0x2100000
#define RAM_END 0x4000000
