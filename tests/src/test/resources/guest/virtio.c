#include "virtio.h"

#define CAP_COMMON 1
#define CAP_NOTIFY 2
#define CAP_ISR 3
#define CAP_DEVICE 4
#define CAP_PCI_CFG 5

#define DEVICE_FEATURE_SELECT 0
#define DEVICE_FEATURE 4
#define DRIVER_FEATURE_SELECT 8
#define DRIVER_FEATURE 12
#define NUM_QUEUES 18
#define DEVICE_STATUS 20
#define QUEUE_SELECT 22
#define QUEUE_SIZE 24
#define QUEUE_ENABLE 28
#define QUEUE_NOTIFY_OFF 30
#define QUEUE_DESC 32
#define QUEUE_DRIVER 40
#define QUEUE_DEVICE 48
#define QUEUE_RESET 58

#define ACKNOWLEDGE 1
#define DRIVER 2
#define FEATURES_OK 8

#define MOST_POLLS 100000000u

static u64 common(struct device *d, u32 field) {
	return d->base + d->common + field;
}

static void walk_capabilities(struct device *d) {
	u32 found = 0;
	u32 at = pci_read(d->function, PCI_CAPABILITIES, 1);
	u32 steps;
	for (steps = 0; at && steps < 48; steps++, at = pci_read(d->function, at + 1, 1)) {
		u32 type = pci_read(d->function, at + 3, 1);
		u32 offset = pci_read(d->function, at + 8, 4);
		require(at >= 0x40 && !(at & 3), at, steps);
		if (pci_read(d->function, at, 1) != PCI_VENDOR_SPECIFIC || found & 1 << type)
			continue;
		found |= 1 << type;
		switch (type) {
		case CAP_COMMON:
			d->bar = pci_read(d->function, at + 4, 1);
			d->common = offset;
			break;
		case CAP_NOTIFY:
			d->notify = offset;
			d->multiplier = pci_read(d->function, at + 16, 4);
			break;
		case CAP_DEVICE:
			d->config = offset;
			break;
		case CAP_PCI_CFG:
			d->window = at;
			break;
		}
	}
	require(!at, at, steps);
	require(found == 0x3e, found, steps);
}

void device_find(struct device *d, u32 vendor_and_device, u64 bar_address) {
	u32 command;
	fill(d, 0, sizeof(*d));
	d->function = pci_find(vendor_and_device);
	walk_capabilities(d);
	pci_place(d->function, d->bar, bar_address);
	d->base = bar_address;
	command = PCI_MEMORY | PCI_BUS_MASTER | PCI_INTERRUPT_DISABLE;
	pci_write(d->function, PCI_COMMAND, 2, command);
	require(pci_read(d->function, PCI_COMMAND, 2) == command, command, d->function);
}

void device_move(struct device *d, u64 bar_address) {
	u64 old = d->base;
	u8 status = device_status(d);
	pci_place(d->function, d->bar, bar_address);
	d->base = bar_address;
	require(read8(old + d->common + DEVICE_STATUS) != status, old, bar_address);
	write8(old + d->common + DEVICE_STATUS, 0); /* must not reset anything */
	require(device_status(d) == status, status, device_status(d));
}

u8 device_status(struct device *d) {
	return read8(common(d, DEVICE_STATUS));
}

u8 device_status_by_window(struct device *d) {
	pci_write(d->function, d->window + 4, 1, d->bar);
	pci_write(d->function, d->window + 8, 4, d->common + DEVICE_STATUS);
	pci_write(d->function, d->window + 12, 4, 1);
	return pci_read(d->function, d->window + 16, 1);
}

void device_reset(struct device *d) {
	u32 polls = 0;
	write8(common(d, DEVICE_STATUS), 0);
	while (device_status(d))
		require(polls++ < MOST_POLLS, device_status(d), 0);
}

static void add_status(struct device *d, u8 bits) {
	write8(common(d, DEVICE_STATUS), device_status(d) | bits);
	require((device_status(d) & bits) == bits, bits, device_status(d));
}

void device_negotiate(struct device *d, u64 wanted) {
	u32 half;
	u64 offered = 0;
	device_reset(d);
	add_status(d, ACKNOWLEDGE);
	add_status(d, DRIVER);
	for (half = 0; half < 2; half++) {
		write32(common(d, DEVICE_FEATURE_SELECT), half);
		offered |= (u64)read32(common(d, DEVICE_FEATURE)) << 32 * half;
	}
	require((offered & wanted) == wanted, offered, wanted);
	for (half = 0; half < 2; half++) {
		write32(common(d, DRIVER_FEATURE_SELECT), half);
		write32(common(d, DRIVER_FEATURE), (u32)(wanted >> 32 * half));
	}
	d->features = wanted;
	add_status(d, FEATURES_OK);
}

void device_go(struct device *d) {
	add_status(d, STATUS_DRIVER_OK);
	require(device_status_by_window(d) == device_status(d), device_status(d), device_status_by_window(d));
}

u16 device_queues(struct device *d) {
	return read16(common(d, NUM_QUEUES));
}

u16 queue_most(struct device *d, u16 index) {
	write16(common(d, QUEUE_SELECT), index);
	require(!read16(common(d, QUEUE_ENABLE)), index, 0);
	return read16(common(d, QUEUE_SIZE));
}

static void write_address(struct device *d, u32 field, void *address) {
	write32(common(d, field), (u32)(u64)address);
	write32(common(d, field + 4), (u32)((u64)address >> 32));
}

void queue_start(struct device *d, struct ring *ring, u16 index, u16 size) {
	u16 most = queue_most(d, index);
	u32 off = read16(common(d, QUEUE_NOTIFY_OFF));
	require(size <= most, size, most);
	ring_create(ring, index, size, d->features, d->base + d->notify + (u64)off * d->multiplier);
	write16(common(d, QUEUE_SELECT), index);
	write16(common(d, QUEUE_SIZE), size);
	require(read16(common(d, QUEUE_SIZE)) == size, read16(common(d, QUEUE_SIZE)), size);
	write_address(d, QUEUE_DESC, ring->descriptors);
	write_address(d, QUEUE_DRIVER, ring->driver);
	write_address(d, QUEUE_DEVICE, ring->device);
	write16(common(d, QUEUE_ENABLE), 1);
	require(read16(common(d, QUEUE_ENABLE)) == 1, index, size);
}

void queue_reset(struct device *d, u16 index) {
	u32 polls = 0;
	write16(common(d, QUEUE_SELECT), index);
	write16(common(d, QUEUE_RESET), 1);
	while (read16(common(d, QUEUE_RESET)))
		require(polls++ < MOST_POLLS, index, 0);
	require(!read16(common(d, QUEUE_ENABLE)), index, 0);
}

void device_master(struct device *d, int on) {
	u32 command = pci_read(d->function, PCI_COMMAND, 2);
	command = on ? command | PCI_BUS_MASTER : command & ~PCI_BUS_MASTER;
	pci_write(d->function, PCI_COMMAND, 2, command);
}
