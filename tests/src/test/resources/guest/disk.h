/* Requests of a block device (virtio 1.2, 5.2.6), each on a part of the disk of its own. */
#ifndef DISK_H
#define DISK_H
#include "virtio.h"

#define MOST_QUEUES 16
#define SLOTS 64       /* for each queue */
#define SLOT_SECTORS 8 /* of the disk for each slot */
#define SECTOR 512

/* A request at a time, and what the disk holds in its sectors. */
struct slot {
	u16 queue;
	u16 busy;
	u32 type;
	u32 first; /* sector within the slot */
	u32 sectors;
	u32 expected; /* bytes that the device writes */
	u8 *memory;   /* header, data, status */
	u8 *data;
	u8 *status;
	u32 generation[SLOT_SECTORS]; /* of each sector's contents; 0 is all zeroes */
};

struct counts {
	u64 writes;
	u64 reads;
	u64 flushes;
	u64 identities;
	u64 dropped;
};

/* A queue with its requests. */
struct lane {
	struct ring ring;
	struct slot slots[SLOTS];
	u16 in_use; /* slots that may be busy: no more than the ring takes at once */
	u32 issued;
	u32 finished;
};

extern struct counts counts;

void lane_create(struct lane *lane, u16 queue);

/* As many requests at once as the ring takes, now that it has another size. */
void lane_resized(struct lane *lane);

/* Starts some request in a free slot; whether there was room. */
int lane_issue(struct lane *lane);

/* Starts the write of a whole slot with a generation of its own. */
int lane_write_all(struct lane *lane, u16 slot, u32 generation);
int lane_flush(struct lane *lane);

/* Finishes and checks what has been used; how many requests. */
u32 lane_poll(struct lane *lane);

/* The device has forgotten this queue: requests in flight may have taken place or not. */
void lane_forget(struct lane *lane);

/* A checksum of all memory that the device could write for this queue. */
u64 lane_checksum(struct lane *lane);

#endif
