/* A virtio device on PCI (virtio 1.2, 3.1 and 4.1). */
#ifndef VIRTIO_H
#define VIRTIO_H
#include "pci.h"
#include "ring.h"

struct device {
	u32 function;
	u32 window; /* the PCI_CFG capability */
	u32 bar;
	u64 base; /* where the BAR is */
	u32 common; /* offsets in the BAR */
	u32 notify;
	u32 config;
	u32 multiplier;
	u64 features;
};

#define STATUS_DRIVER_OK 4

/* Finds the device, walks its capabilities and places its BAR. */
void device_find(struct device *device, u32 vendor_and_device, u64 bar_address);

/* Moves the BAR and makes sure that nothing answers at its old place. */
void device_move(struct device *device, u64 bar_address);

/* Steps 1 to 6 of 3.1.1 with the features that are offered among these. */
void device_negotiate(struct device *device, u64 wanted);
void device_go(struct device *device);

/* Resets and waits until the device says so. */
void device_reset(struct device *device);
u8 device_status(struct device *device);

/* The same by the PCI_CFG window (4.1.4.9). */
u8 device_status_by_window(struct device *device);
u16 device_queues(struct device *device);

/* The largest size of a queue after reset. */
u16 queue_most(struct device *device, u16 index);

/* Sets a queue up in fresh memory and enables it. */
void queue_start(struct device *device, struct ring *ring, u16 index, u16 size);

/* Resets one queue (2.6.1). */
void queue_reset(struct device *device, u16 index);

/* Switches bus mastering. */
void device_master(struct device *device, int on);

#endif
