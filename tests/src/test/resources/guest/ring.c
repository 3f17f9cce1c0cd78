#include "ring.h"

#define NEXT 1
#define WRITE 2
#define INDIRECT 4
#define PACKED_AVAIL 0x80
#define PACKED_USED 0x8000

#define DESCRIPTOR 16
#define NO_INTERRUPT 1 /* split: avail.flags */
#define NO_NOTIFY 1    /* split: used.flags */
#define EVENT_DISABLE 1 /* packed: RING_EVENT_FLAGS_DISABLE */
#define EVENT_DESC 2

static int is_packed(struct ring *r) {
	return (r->features & F_RING_PACKED) != 0;
}

void ring_create(struct ring *r, u16 index, u16 size, u64 features, u64 notify) {
	u64 descriptors = (u64)DESCRIPTOR * size;
	u64 driver = 6 + 2 * (u64)size + 63 & ~63ULL;
	u64 device = 6 + 8 * (u64)size + 63 & ~63ULL;
	u32 i;
	fill(r, 0, sizeof(*r));
	require(size > 0 && size <= MOST_DESCRIPTORS, size, index);
	r->index = index;
	r->size = size;
	r->features = features;
	r->notify = notify;
	r->memory_bytes = descriptors + driver + device;
	r->memory = allocate(r->memory_bytes, 4096);
	r->descriptors = r->memory;
	r->driver = r->memory + descriptors;
	r->device = r->driver + driver;
	r->tables = allocate((u64)DESCRIPTOR * MOST_BUFFERS * size, 16);
	r->free_count = size;
	r->room = size;
	r->avail_wrap = r->used_wrap = 1;
	for (i = 0; i < size; i++)
		r->free[i] = i;
	/* We poll: no interrupts, if the device can be told so. */
	if (is_packed(r))
		write16((u64)r->driver + 2, EVENT_DISABLE);
	else if (!(features & F_EVENT_IDX))
		write16((u64)r->driver, NO_INTERRUPT);
}

static u16 take_free(struct ring *r) {
	u16 taken = r->free[r->free_first];
	r->free_first = (r->free_first + 1) % r->size;
	r->free_count--;
	return taken;
}

static void give_free(struct ring *r, u16 given) {
	r->free[(r->free_first + r->free_count++) % r->size] = given;
}

int ring_fits(struct ring *r, u32 count, int indirect) {
	u32 places = indirect ? 1 : count;
	return is_packed(r) ? r->room >= places && r->free_count > 0 : r->free_count >= places;
}

static u64 table_of(struct ring *r, u16 head) {
	return (u64)r->tables + (u64)DESCRIPTOR * MOST_BUFFERS * head;
}

static void describe(u64 at, u64 address, u32 length, u16 third, u16 fourth) {
	*(volatile u64 *)at = address;
	write32(at + 8, length);
	write16(at + 12, third);
	write16(at + 14, fourth);
}

/* Tables have one layout for both kinds of ring but for the place of flags and next or id. */
static u64 fill_table(struct ring *r, u16 head, struct buffer *b, u32 count) {
	u64 table = table_of(r, head);
	u32 i;
	for (i = 0; i < count; i++) {
		u16 flags = b[i].writable ? WRITE : 0;
		if (is_packed(r))
			describe(table + DESCRIPTOR * i, b[i].address, b[i].length, 0, flags);
		else
			describe(table + DESCRIPTOR * i, b[i].address, b[i].length,
				i + 1 < count ? flags | NEXT : flags, i + 1 < count ? i + 1 : 0);
	}
	return table;
}

static void note(struct ring *r, u16 head, u16 count, void *cookie) {
	r->entries[head].cookie = cookie;
	r->entries[head].count = count;
	r->order[(r->order_first + r->order_count++) % r->size] = head;
}

static u64 descriptor(struct ring *r, u16 place) {
	return (u64)r->descriptors + (u64)DESCRIPTOR * place;
}

static void split_add(struct ring *r, struct buffer *b, u32 count, int indirect, void *cookie) {
	u16 head = take_free(r);
	u16 place = head;
	u32 i;
	if (indirect) {
		describe(descriptor(r, head), fill_table(r, head, b, count), DESCRIPTOR * count, INDIRECT, 0);
		count = 1;
	} else {
		for (i = 0; i < count; i++) {
			u16 flags = b[i].writable ? WRITE : 0;
			u16 next = 0;
			if (i + 1 < count) {
				next = take_free(r);
				flags |= NEXT;
			}
			describe(descriptor(r, place), b[i].address, b[i].length, flags, next);
			r->chain[place] = next;
			place = next;
		}
	}
	note(r, head, count, cookie);
	write16((u64)r->driver + 4 + 2 * (r->next_avail % r->size), head);
	r->next_avail++;
	barrier();
	write16((u64)r->driver + 2, r->next_avail);
}

static void packed_add(struct ring *r, struct buffer *b, u32 count, int indirect, void *cookie) {
	u16 id = take_free(r);
	u16 first = r->next_avail;
	u16 first_flags = 0;
	struct buffer table;
	u32 extra = 0;
	u32 i;
	if (indirect) {
		table.address = fill_table(r, id, b, count);
		table.length = DESCRIPTOR * count;
		table.writable = 0;
		b = &table;
		count = 1;
		extra = INDIRECT;
	}
	for (i = 0; i < count; i++) {
		u16 flags = extra | (b[i].writable ? WRITE : 0) | (i + 1 < count ? NEXT : 0)
			| (r->avail_wrap ? PACKED_AVAIL : PACKED_USED);
		u64 at = descriptor(r, r->next_avail);
		*(volatile u64 *)at = b[i].address;
		write32(at + 8, b[i].length);
		write16(at + 12, id);
		if (i == 0)
			first_flags = flags; /* written last: 2.8.16 */
		else
			write16(at + 14, flags);
		if (++r->next_avail == r->size) {
			r->next_avail = 0;
			r->avail_wrap ^= 1;
		}
	}
	r->room -= count;
	note(r, id, count, cookie);
	barrier();
	write16(descriptor(r, first) + 14, first_flags);
}

void ring_add(struct ring *r, struct buffer *b, u32 count, int indirect, void *cookie) {
	require(count <= MOST_BUFFERS, count, 0);
	require(ring_fits(r, count, indirect), r->index, count);
	if (is_packed(r))
		packed_add(r, b, count, indirect, cookie);
	else
		split_add(r, b, count, indirect, cookie);
	/* In places of the packed ring, in entries of the available ring. */
	r->added += is_packed(r) ? r->entries[r->order[(r->order_first + r->order_count - 1) % r->size]].count : 1;
}

static int passed(u16 event, u16 now, u16 before) {
	return (u16)(now - event - 1) < (u16)(now - before);
}

static int split_wants(struct ring *r) {
	if (r->features & F_EVENT_IDX)
		return passed(read16((u64)r->device + 4 + 8 * r->size), r->next_avail, r->next_avail - r->added);
	return !(read16((u64)r->device) & NO_NOTIFY);
}

static int packed_wants(struct ring *r) {
	u16 place = read16((u64)r->device);
	u16 flags = read16((u64)r->device + 2);
	u16 event = place & 0x7fff;
	if (flags != EVENT_DESC)
		return flags != EVENT_DISABLE;
	if ((place >> 15) != r->avail_wrap)
		event -= r->size;
	return passed(event, r->next_avail, r->next_avail - r->added);
}

void ring_kick(struct ring *r) {
	int wanted;
	barrier();
	wanted = is_packed(r) ? packed_wants(r) : split_wants(r);
	r->added = 0;
	if (!wanted)
		return;
	if (r->features & F_NOTIFICATION_DATA) {
		u32 next = is_packed(r) ? r->next_avail | r->avail_wrap << 15 : r->next_avail;
		write32(r->notify, r->index | next << 16);
	} else {
		write16(r->notify, r->index);
	}
}

/* Takes a request out of the order in which they were made available. */
static void forget_order(struct ring *r, u16 head) {
	u32 i;
	u32 j;
	for (i = 0; i < r->order_count; i++)
		if (r->order[(r->order_first + i) % r->size] == head)
			break;
	require(i < r->order_count, head, r->index);
	if (i) {
		require(!(r->features & F_IN_ORDER), head, r->order[r->order_first]);
		r->out_of_order++;
	}
	for (j = i; j > 0; j--)
		r->order[(r->order_first + j) % r->size] = r->order[(r->order_first + j - 1) % r->size];
	r->order_first = (r->order_first + 1) % r->size;
	r->order_count--;
}

static void *finish(struct ring *r, u16 head) {
	void *cookie = r->entries[head].cookie;
	require(cookie, head, r->index);
	r->entries[head].cookie = 0;
	forget_order(r, head);
	return cookie;
}

static void *split_used(struct ring *r, u32 *length) {
	u64 element = (u64)r->device + 4 + 8 * (r->next_used % r->size);
	u16 place;
	u32 head;
	u32 i;
	void *cookie;
	if (read16((u64)r->device + 2) == r->next_used)
		return 0;
	barrier();
	head = read32(element);
	*length = read32(element + 4);
	require(head < r->size, head, r->index);
	r->next_used++;
	cookie = finish(r, head);
	place = head;
	for (i = 0; i < r->entries[head].count; i++) {
		give_free(r, place);
		place = r->chain[place];
	}
	return cookie;
}

static void *packed_used(struct ring *r, u32 *length) {
	u64 at = descriptor(r, r->next_used);
	u16 flags = read16(at + 14);
	u16 id;
	void *cookie;
	if (!(flags & PACKED_AVAIL) != !r->used_wrap || !(flags & PACKED_USED) != !r->used_wrap)
		return 0;
	barrier();
	id = read16(at + 12);
	*length = read32(at + 8);
	require(id < r->size, id, r->index);
	cookie = finish(r, id);
	r->room += r->entries[id].count;
	r->next_used += r->entries[id].count;
	if (r->next_used >= r->size) {
		r->next_used -= r->size;
		r->used_wrap ^= 1;
	}
	give_free(r, id);
	return cookie;
}

void *ring_used(struct ring *r, u32 *length) {
	return is_packed(r) ? packed_used(r, length) : split_used(r, length);
}
