#include "disk.h"

#define T_IN 0
#define T_OUT 1
#define T_FLUSH 4
#define T_GET_ID 8

#define HEADER 16
#define ID_BYTES 20
#define SLOT_MEMORY 8192
#define DATA_OFFSET 1024 /* behind the header, with room for one that ends right before the data */
#define NO_STATUS 0xff
#define POISON 0xee
#define UNKNOWN 0xffffffffu

struct counts counts;

void lane_create(struct lane *lane, u16 queue) {
	u16 i;
	fill(lane, 0, sizeof(*lane));
	for (i = 0; i < SLOTS; i++) {
		lane->slots[i].queue = queue;
		lane->slots[i].memory = allocate(SLOT_MEMORY, 4096);
	}
}

void lane_resized(struct lane *lane) {
	lane->in_use = lane->ring.size < SLOTS ? lane->ring.size : SLOTS;
}

static u64 disk_sector(struct slot *slot, u16 number) {
	return ((u64)slot->queue * SLOTS + number) * SLOT_SECTORS + slot->first;
}

/* BareDisk.java computes the same. */
static u64 pattern(u64 sector, u32 generation, u32 word) {
	return generation ? sector << 40 ^ (u64)generation << 8 ^ word * 0x9e3779b97f4a7c15ULL : 0;
}

static void put_pattern(struct slot *slot, u64 sector) {
	u64 *to = (u64 *)slot->data;
	u32 s;
	u32 w;
	for (s = 0; s < slot->sectors; s++)
		for (w = 0; w < SECTOR / 8; w++)
			*to++ = pattern(sector + s, slot->generation[slot->first + s], w);
}

static void check_pattern(struct slot *slot, u64 sector) {
	u64 *from = (u64 *)slot->data;
	u32 s;
	u32 w;
	for (s = 0; s < slot->sectors; s++)
		for (w = 0; w < SECTOR / 8; w++, from++)
			if (*from != pattern(sector + s, slot->generation[slot->first + s], w))
				fail("wrong data", sector + s, *from);
}

static struct buffer buffer(u8 *address, u32 length, u32 writable) {
	struct buffer b;
	b.address = (u64)address;
	b.length = length;
	b.writable = writable;
	return b;
}

/*
 * Cuts header, data and status into buffers in one of several ways (2.7.4.1: no device may assume
 * one); header and data, or data and status, lie side by side, so that they may share a buffer.
 */
static u32 lay_out(struct slot *slot, u8 *header, u32 bytes, struct buffer *out) {
	u32 reads = slot->type == T_IN || slot->type == T_GET_ID;
	u32 half = bytes / 2 + random_below(2);
	u32 n = 0;
	switch (bytes ? random_below(4) : 4) {
	case 0: /* as few as can be */
		out[n++] = reads ? buffer(header, HEADER, 0) : buffer(header, HEADER + bytes, 0);
		out[n++] = reads ? buffer(slot->data, bytes + 1, 1) : buffer(slot->status, 1, 1);
		break;
	case 1: /* a header in two parts, data in two */
		out[n++] = buffer(header, 5, 0);
		out[n++] = buffer(header + 5, HEADER - 5, 0);
		out[n++] = buffer(slot->data, half, reads);
		out[n++] = buffer(slot->data + half, bytes - half, reads);
		out[n++] = buffer(slot->status, 1, 1);
		break;
	case 2: /* data that shares a buffer at one end */
		out[n++] = reads ? buffer(header, HEADER, 0) : buffer(header, HEADER + half, 0);
		out[n++] = reads ? buffer(slot->data, half, 1) : buffer(slot->data + half, bytes - half, 0);
		out[n++] = reads ? buffer(slot->data + half, bytes - half + 1, 1) : buffer(slot->status, 1, 1);
		break;
	case 3: /* the classic three */
		out[n++] = buffer(header, HEADER, 0);
		out[n++] = buffer(slot->data, bytes, reads);
		out[n++] = buffer(slot->status, 1, 1);
		break;
	default:
		out[n++] = buffer(header, HEADER, 0);
		out[n++] = buffer(slot->status, 1, 1);
	}
	return n;
}

static int submit(struct lane *lane, u16 number, u32 bytes) {
	struct slot *slot = &lane->slots[number];
	struct buffer buffers[MOST_BUFFERS];
	u64 sector = disk_sector(slot, number);
	u8 *header = slot->memory + DATA_OFFSET - HEADER;
	u32 reads = slot->type == T_IN || slot->type == T_GET_ID;
	u32 count;
	int indirect = (lane->ring.features & F_INDIRECT_DESC) && random_below(2);
	slot->data = slot->memory + DATA_OFFSET;
	slot->status = slot->data + bytes;
	count = lay_out(slot, header, bytes, buffers);
	if (!ring_fits(&lane->ring, count, indirect)) {
		indirect = (lane->ring.features & F_INDIRECT_DESC) != 0;
		if (!indirect || !ring_fits(&lane->ring, count, indirect))
			return 0;
	}
	write32((u64)header, slot->type);
	write32((u64)header + 4, 0);
	*(volatile u64 *)(header + 8) = slot->type == T_IN || slot->type == T_OUT ? sector : 0;
	if (slot->type == T_OUT)
		put_pattern(slot, sector);
	else
		fill(slot->data, POISON, bytes);
	write8((u64)slot->status, NO_STATUS);
	slot->expected = reads ? bytes + 1 : 1;
	slot->busy = 1;
	ring_add(&lane->ring, buffers, count, indirect, slot);
	lane->issued++;
	return 1;
}

static int free_slot(struct lane *lane) {
	u16 start = random_below(lane->in_use);
	u16 i;
	for (i = 0; i < lane->in_use; i++) {
		u16 number = (start + i) % lane->in_use;
		if (!lane->slots[number].busy)
			return number;
	}
	return -1;
}

static int is_known(struct slot *slot) {
	u32 s;
	for (s = 0; s < slot->sectors; s++)
		if (slot->generation[slot->first + s] == UNKNOWN)
			return 0;
	return 1;
}

static int submit_write(struct lane *lane, u16 number, u32 generation) {
	struct slot *slot = &lane->slots[number];
	u32 before[SLOT_SECTORS];
	u32 s;
	slot->type = T_OUT;
	for (s = 0; s < slot->sectors; s++) {
		before[s] = slot->generation[slot->first + s];
		slot->generation[slot->first + s] = generation;
	}
	if (submit(lane, number, slot->sectors * SECTOR)) {
		counts.writes++;
		return 1;
	}
	for (s = 0; s < slot->sectors; s++)
		slot->generation[slot->first + s] = before[s];
	return 0;
}

int lane_issue(struct lane *lane) {
	int number = free_slot(lane);
	u32 kind = random_below(20);
	struct slot *slot;
	if (number < 0)
		return 0;
	slot = &lane->slots[number];
	slot->first = random_below(SLOT_SECTORS);
	slot->sectors = 1 + random_below(SLOT_SECTORS - slot->first);
	if (kind == 0) {
		slot->type = T_FLUSH;
		return submit(lane, number, 0) ? (counts.flushes++, 1) : 0;
	}
	if (kind == 1) {
		slot->type = T_GET_ID;
		return submit(lane, number, ID_BYTES) ? (counts.identities++, 1) : 0;
	}
	if (kind < 11 || !is_known(slot))
		return submit_write(lane, number, 1 + random_below(0xfffff));
	slot->type = T_IN;
	return submit(lane, number, slot->sectors * SECTOR) ? (counts.reads++, 1) : 0;
}

int lane_write_all(struct lane *lane, u16 number, u32 generation) {
	struct slot *slot = &lane->slots[number];
	if (slot->busy)
		return 0;
	slot->first = 0;
	slot->sectors = SLOT_SECTORS;
	return submit_write(lane, number, generation);
}

int lane_flush(struct lane *lane) {
	int number = free_slot(lane);
	if (number < 0)
		return 0;
	lane->slots[number].type = T_FLUSH;
	return submit(lane, number, 0) ? (counts.flushes++, 1) : 0;
}

u32 lane_poll(struct lane *lane) {
	struct slot *slot;
	u32 length;
	u32 done = 0;
	while ((slot = ring_used(&lane->ring, &length))) {
		require(slot->busy, slot->queue, slot->type);
		require(*slot->status == 0, *slot->status, slot->type);
		require(length == slot->expected, length, slot->expected);
		slot->busy = 0;
		if (slot->type == T_IN)
			check_pattern(slot, disk_sector(slot, slot - lane->slots));
		if (slot->type == T_GET_ID)
			require(slot->data[0] != POISON, slot->data[0], slot->queue);
		done++;
	}
	lane->finished += done;
	return done;
}

void lane_forget(struct lane *lane) {
	u16 i;
	u32 s;
	for (i = 0; i < SLOTS; i++) {
		struct slot *slot = &lane->slots[i];
		if (!slot->busy)
			continue;
		slot->busy = 0;
		counts.dropped++;
		if (slot->type == T_OUT)
			for (s = 0; s < slot->sectors; s++)
				slot->generation[slot->first + s] = UNKNOWN;
	}
	lane->issued = lane->finished = 0;
}

static u64 add_checksum(u64 sum, u8 *at, u64 bytes) {
	u64 *word = (u64 *)at;
	for (; bytes >= 8; bytes -= 8)
		sum = (sum ^ *word++) * 0x100000001b3ULL;
	return sum;
}

u64 lane_checksum(struct lane *lane) {
	u64 sum = add_checksum(0xcbf29ce484222325ULL, lane->ring.memory, lane->ring.memory_bytes);
	u16 i;
	for (i = 0; i < lane->in_use; i++)
		sum = add_checksum(sum, lane->slots[i].memory, DATA_OFFSET + SLOT_SECTORS * SECTOR + 8);
	return sum;
}
