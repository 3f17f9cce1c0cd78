/*
 * Drives a virtio block device with 1 to 16 queues, several requests in flight on each, and polls.
 * What it does is on its command line: see the options in guest_main. Ends by the debug-exit port,
 * with 0 if all was well.
 */
#include "disk.h"

#define VIRTIO_BLK 0x10421af4
#define FIRST_PLACE 0xe8000000ULL
#define SECOND_PLACE 0xea000000ULL
#define MOST_IDLE_POLLS 50000000u
#define FINAL_GENERATION 0xf0000

static struct device device;
static struct lane lanes[MOST_QUEUES];
static u16 queues;
static u64 features;

static void start(u16 size) {
	u16 q;
	device_negotiate(&device, features);
	require(device_queues(&device) >= queues, device_queues(&device), queues);
	for (q = 0; q < queues; q++) {
		queue_start(&device, &lanes[q].ring, q, size);
		lane_resized(&lanes[q]);
	}
	device_go(&device);
}

/* Polls all lanes once; fails when nothing has moved for too long. */
static void poll_all(u32 *idle) {
	u32 done = 0;
	u16 q;
	for (q = 0; q < queues; q++)
		if (lanes[q].ring.size)
			done += lane_poll(&lanes[q]);
	*idle = done ? 0 : *idle + 1;
	if (*idle > MOST_IDLE_POLLS)
		for (q = 0; q < queues; q++)
			require(lanes[q].issued == lanes[q].finished, q, lanes[q].issued - lanes[q].finished);
}

static void drain(void) {
	u32 idle = 0;
	u16 q;
	for (q = 0; q < queues; q++)
		while (lanes[q].issued != lanes[q].finished)
			poll_all(&idle);
}

/* So many requests on each queue, as many at once as there is room for. */
static void mixed(u32 each) {
	u32 left[MOST_QUEUES];
	u32 idle = 0;
	u32 open = queues;
	u16 q;
	for (q = 0; q < queues; q++)
		left[q] = each;
	while (open) {
		open = 0;
		for (q = 0; q < queues; q++) {
			u32 burst = 1 + random_below(8);
			u32 added = 0;
			while (left[q] && added < burst && lane_issue(&lanes[q])) {
				left[q]--;
				added++;
			}
			if (added)
				ring_kick(&lanes[q].ring);
			open += left[q] != 0;
		}
		poll_all(&idle);
	}
	drain();
}

/* As many requests as there is room for on every queue, not waited for. */
static void load(void) {
	u16 q;
	for (q = 0; q < queues; q++) {
		while (lane_issue(&lanes[q])) {
		}
		ring_kick(&lanes[q].ring);
	}
}

/* One queue is reset with its requests in flight and set up anew with another size. */
static void reset_a_queue(u16 q, u32 each) {
	struct ring before;
	u16 size = lanes[q].ring.size == 1 ? 2 : lanes[q].ring.size / 2;
	u64 sum;
	u32 idle = 0;
	u16 other;
	load();
	spin(random_below(400));
	queue_reset(&device, q);
	before = lanes[q].ring;
	sum = lane_checksum(&lanes[q]);
	write16(before.notify, q); /* goes nowhere */
	lanes[q].ring.size = 0;    /* not polled */
	for (other = 0; other < queues; other++)
		while (other != q && lanes[other].issued != lanes[other].finished)
			poll_all(&idle);
	spin(100000);
	lanes[q].ring = before;
	require(lane_checksum(&lanes[q]) == sum, q, sum);
	lane_forget(&lanes[q]);
	queue_start(&device, &lanes[q].ring, q, size);
	lane_resized(&lanes[q]);
	mixed(each);
}

/* The device is reset at some moment of its work and must not touch memory afterwards. */
static void reset_the_device(u16 size, u32 each) {
	u64 sums[MOST_QUEUES];
	u16 q;
	load();
	spin(random_below(1500));
	device_reset(&device);
	for (q = 0; q < queues; q++)
		sums[q] = lane_checksum(&lanes[q]);
	for (q = 0; q < queues; q++)
		write16(lanes[q].ring.notify, q);
	spin(20000);
	for (q = 0; q < queues; q++)
		require(lane_checksum(&lanes[q]) == sums[q], q, sums[q]);
	for (q = 0; q < queues; q++)
		lane_forget(&lanes[q]);
	start(size);
	mixed(each);
}

/* Without bus mastering nothing is touched; with it everything goes on. */
static void switch_mastering(u32 each) {
	u64 sums[MOST_QUEUES];
	u16 q;
	u32 round;
	for (round = 0; round < 4; round++) {
		if (round & 1)
			device_master(&device, 0);
		load();
		spin(random_below(200));
		device_master(&device, 0);
		for (q = 0; q < queues; q++)
			sums[q] = lane_checksum(&lanes[q]);
		spin(20000);
		for (q = 0; q < queues; q++)
			require(lane_checksum(&lanes[q]) == sums[q], q, sums[q]);
		device_master(&device, 1);
		drain();
	}
	mixed(each);
}

/* The BAR moves while requests are in flight. */
static void move(u64 place) {
	u64 old = device.base;
	u16 q;
	load();
	device_move(&device, place);
	for (q = 0; q < queues; q++)
		lanes[q].ring.notify += place - old;
	drain();
}

/* Every slot gets its last contents, which the test looks for in the image. */
static void write_everything(void) {
	u32 idle = 0;
	u16 q;
	u16 s;
	for (s = 0; s < SLOTS; s++)
		for (q = 0; q < queues; q++) {
			while (!lane_write_all(&lanes[q], s, FINAL_GENERATION + s))
				poll_all(&idle);
			ring_kick(&lanes[q].ring);
		}
	drain();
	for (q = 0; q < queues; q++) {
		while (!lane_flush(&lanes[q]))
			poll_all(&idle);
		ring_kick(&lanes[q].ring);
	}
	drain();
}

void guest_main(u64 start_info) {
	u64 out_of_order = 0;
	u32 each;
	u16 size;
	u16 resets;
	u16 i;
	u16 q;
	read_options(start_info);
	seed_random(option("seed", 1));
	queues = option("queues", 1);
	size = option("size", 256);
	each = option("requests", 100);
	resets = option("resets", 0);
	features = F_VERSION_1;
	features |= option("indirect", 1) ? F_INDIRECT_DESC : 0;
	features |= option("event-idx", 0) ? F_EVENT_IDX : 0;
	features |= option("packed", 0) ? F_RING_PACKED : 0;
	features |= option("in-order", 0) ? F_IN_ORDER : 0;
	features |= option("notification-data", 0) ? F_NOTIFICATION_DATA : 0;
	features |= option("queue-resets", 0) ? F_RING_RESET : 0;

	device_find(&device, VIRTIO_BLK, FIRST_PLACE);
	for (q = 0; q < queues; q++)
		lane_create(&lanes[q], q);
	start(size);
	mixed(each);
	move(SECOND_PLACE);
	mixed(each);
	for (i = 0; i < option("queue-resets", 0); i++)
		reset_a_queue((queues / 2 + i) % queues, each);
	if (option("mastering", 0))
		switch_mastering(each);
	for (i = 0; i < resets; i++)
		reset_the_device(size, each);
	write_everything();

	for (q = 0; q < queues; q++)
		out_of_order += lanes[q].ring.out_of_order;
	say("DONE queues=%d size=%d features=%x\n", queues, size, features);
	say("DONE writes=%d reads=%d flushes=%d\n", counts.writes, counts.reads, counts.flushes);
	say("DONE identities=%d dropped=%d overtaken=%d\n", counts.identities, counts.dropped, out_of_order);
	device_reset(&device);
	end(0);
}
