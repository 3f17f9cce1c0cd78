#include "machine.h"
#include "layout.h"

#define SERIAL 0x3f8
#define LINE_STATUS (SERIAL + 5)
#define TRANSMITTER_EMPTY 0x20
#define DEBUG_EXIT 0xf4
#define START_INFO_COMMAND_LINE 24

static u64 next_free = HEAP;
static u64 random_state;
static const char *command_line;

static void put(char c) {
	while (!(in8(LINE_STATUS) & TRANSMITTER_EMPTY)) {
	}
	out8(SERIAL, c);
}

static void put_number(u64 value, u32 base) {
	char digits[20];
	int n = 0;
	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (n)
		put(digits[--n]);
}

void say(const char *format, u64 a, u64 b, u64 c) {
	u64 values[3];
	int used = 0;
	values[0] = a;
	values[1] = b;
	values[2] = c;
	for (; *format; format++) {
		if (*format != '%') {
			put(*format);
			continue;
		}
		format++;
		if (*format == 's') {
			const char *text = (const char *)values[used++];
			while (*text)
				put(*text++);
		} else {
			put_number(values[used++], *format == 'x' ? 16 : 10);
		}
	}
}

void end(u8 status) {
	out8(DEBUG_EXIT, status);
	for (;;)
		asm volatile("hlt");
}

void fail(const char *what, u64 a, u64 b) {
	say("FAIL %s: 0x%x 0x%x\n", (u64)what, a, b);
	end(1);
}

void *allocate(u64 bytes, u64 alignment) {
	u64 at = (next_free + alignment - 1) & -alignment;
	next_free = at + bytes;
	require(next_free <= RAM_END, next_free, bytes);
	fill((void *)at, 0, bytes);
	return (void *)at;
}

void fill(void *at, u8 value, u64 bytes) {
	u64 word = value * 0x0101010101010101ULL;
	u8 *p = at;
	for (; bytes >= 8; bytes -= 8, p += 8)
		*(u64 *)p = word;
	while (bytes--)
		*p++ = value;
}

void seed_random(u64 seed) {
	random_state = seed * 2 + 1;
}

/* The compiler calls these for structures. */
void *memmove(void *to, const void *from, u64 bytes) {
	u8 *t = to;
	const u8 *f = from;
	while (t < f && bytes--)
		*t++ = *f++;
	while (t > f && bytes--)
		t[bytes] = f[bytes];
	return to;
}

void *memset(void *at, int value, u64 bytes) {
	fill(at, value, bytes);
	return at;
}

u32 random_below(u32 limit) {
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(random_state >> 33) % limit;
}

void spin(u32 rounds) {
	volatile u32 left = rounds;
	while (left)
		left--;
}

void read_options(u64 start_info) {
	command_line = (const char *)*(u64 *)(start_info + START_INFO_COMMAND_LINE);
}

u64 option(const char *name, u64 otherwise) {
	const char *at = command_line;
	while (*at) {
		const char *n = name;
		while (*n && *at == *n)
			at++, n++;
		if (!*n && *at == '=') {
			u64 value = 0;
			for (at++; *at >= '0' && *at <= '9'; at++)
				value = value * 10 + (*at - '0');
			return value;
		}
		while (*at && *at != ' ')
			at++;
		while (*at == ' ')
			at++;
	}
	return otherwise;
}
