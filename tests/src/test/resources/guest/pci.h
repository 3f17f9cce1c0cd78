/* A PCI function by configuration mechanism 1 (PCI 3.0, 3.2.2.3.2). */
#ifndef PCI_H
#define PCI_H
#include "machine.h"

#define PCI_COMMAND 0x04
#define PCI_BAR 0x10
#define PCI_CAPABILITIES 0x34
#define PCI_MEMORY 0x2
#define PCI_BUS_MASTER 0x4
#define PCI_INTERRUPT_DISABLE 0x400
#define PCI_VENDOR_SPECIFIC 9

/* Finds the first function of a vendor and device on bus 0, or fails. */
u32 pci_find(u32 vendor_and_device);

u32 pci_read(u32 function, u32 offset, u32 size);
void pci_write(u32 function, u32 offset, u32 size, u32 value);

/* Sizes a memory BAR while decoding is off and places it; returns its size. */
u64 pci_place(u32 function, u32 bar, u64 address);

#endif
