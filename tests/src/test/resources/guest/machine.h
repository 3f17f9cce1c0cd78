/* The bare machine: ports, memory-mapped registers, console, the end of the run. */
#ifndef MACHINE_H
#define MACHINE_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

static inline void out8(u16 port, u8 value) { asm volatile("outb %0, %1" : : "a"(value), "d"(port)); }
static inline void out32(u16 port, u32 value) { asm volatile("outl %0, %1" : : "a"(value), "d"(port)); }
static inline u8 in8(u16 port) { u8 value; asm volatile("inb %1, %0" : "=a"(value) : "d"(port)); return value; }
static inline u32 in32(u16 port) { u32 value; asm volatile("inl %1, %0" : "=a"(value) : "d"(port)); return value; }

/* Orders stores before later loads, also where the device runs on another thread. */
static inline void barrier(void) { asm volatile("mfence"); }

static inline u8 read8(u64 at) { return *(volatile u8 *)at; }
static inline u16 read16(u64 at) { return *(volatile u16 *)at; }
static inline u32 read32(u64 at) { return *(volatile u32 *)at; }
static inline void write8(u64 at, u8 value) { *(volatile u8 *)at = value; }
static inline void write16(u64 at, u16 value) { *(volatile u16 *)at = value; }
static inline void write32(u64 at, u32 value) { *(volatile u32 *)at = value; }

/* Sends text on the first serial port: %s a string, %d and %x a number of 64 bits. */
void say(const char *format, u64 a, u64 b, u64 c);

/* Says what was wrong, with two values, and ends the run with status 1. */
void fail(const char *what, u64 a, u64 b);

#define require(condition, a, b) do { if (!(condition)) fail(#condition, (u64)(a), (u64)(b)); } while (0)

/* Ends the run through the debug-exit port. */
void end(u8 status);

/* Memory of the device's and our own, cleared, never given back. */
void *allocate(u64 bytes, u64 alignment);

void fill(void *at, u8 value, u64 bytes);

/* Some pseudo-random number below limit; the sequence depends on the seed alone. */
u32 random_below(u32 limit);
void seed_random(u64 seed);

/* Spins; a thousand rounds take about 40 us of virtual time. */
void spin(u32 rounds);

/* The number that follows name= on the command line, or otherwise. */
u64 option(const char *name, u64 otherwise);
void read_options(u64 start_info);

#endif
