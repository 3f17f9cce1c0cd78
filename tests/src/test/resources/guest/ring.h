/* The driver's end of a virtqueue, split or packed, that is polled (virtio 1.2, 2.7 and 2.8). */
#ifndef RING_H
#define RING_H
#include "machine.h"

#define MOST_DESCRIPTORS 1024
#define MOST_BUFFERS 8

#define F_INDIRECT_DESC (1ULL << 28)
#define F_EVENT_IDX (1ULL << 29)
#define F_VERSION_1 (1ULL << 32)
#define F_RING_PACKED (1ULL << 34)
#define F_IN_ORDER (1ULL << 35)
#define F_NOTIFICATION_DATA (1ULL << 38)
#define F_RING_RESET (1ULL << 40)

struct buffer {
	u64 address;
	u32 length;
	u32 writable;
};

/* A request in the ring. */
struct entry {
	void *cookie;
	u16 count;
	u16 next_in_order;
};

struct ring {
	u64 features;
	u64 notify; /* address of the notify register */
	u16 index;
	u16 size;
	u8 *descriptors;
	u8 *driver;
	u8 *device;
	u8 *memory; /* all of the above, of memory_bytes */
	u64 memory_bytes;
	u8 *tables; /* an indirect table for each head or id */

	/* Free descriptors or ids, first in, first out: with IN_ORDER this is ring order. */
	u16 free[MOST_DESCRIPTORS];
	u32 free_first;
	u32 free_count;

	/* Heads or ids in the order in which they were made available. */
	u16 order[MOST_DESCRIPTORS];
	u32 order_first;
	u32 order_count;

	struct entry entries[MOST_DESCRIPTORS];
	u16 chain[MOST_DESCRIPTORS]; /* split: the next descriptor of a chain */
	u16 next_avail;              /* split: free-running; packed: a place in the ring */
	u16 next_used;
	u16 avail_wrap; /* packed: the wrap counters */
	u16 used_wrap;
	u16 room; /* packed: free places */
	u16 added; /* since the last kick */
	u64 out_of_order;
};

void ring_create(struct ring *ring, u16 index, u16 size, u64 features, u64 notify);

/* Whether a request of so many buffers fits now. */
int ring_fits(struct ring *ring, u32 count, int indirect);

/* Makes a request available without notifying. */
void ring_add(struct ring *ring, struct buffer *buffers, u32 count, int indirect, void *cookie);

/* Notifies the device if it wants to be told. */
void ring_kick(struct ring *ring);

/* The cookie of the next used request and the bytes written, or null. */
void *ring_used(struct ring *ring, u32 *length);

#endif
