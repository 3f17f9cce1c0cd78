#include "pci.h"

#define ADDRESS 0xcf8
#define DATA 0xcfc
#define ENABLE 0x80000000u
#define TYPE_BITS 0xfu
#define TYPE_64 0x4

static u32 mask(u32 size) {
	return size == 4 ? 0xffffffffu : (1u << size * 8) - 1;
}

u32 pci_read(u32 function, u32 offset, u32 size) {
	out32(ADDRESS, ENABLE | function << 8 | (offset & 0xfc));
	return in32(DATA) >> (offset & 3) * 8 & mask(size);
}

void pci_write(u32 function, u32 offset, u32 size, u32 value) {
	u32 shift = (offset & 3) * 8;
	u16 port = DATA + (offset & 3);
	out32(ADDRESS, ENABLE | function << 8 | (offset & 0xfc));
	if (size == 4)
		out32(DATA, value);
	else if (size == 2)
		asm volatile("outw %0, %1" : : "a"((u16)value), "d"(port));
	else
		out8(port, value);
}

u32 pci_find(u32 vendor_and_device) {
	u32 function;
	for (function = 0; function < 256; function++)
		if (pci_read(function, 0, 4) == vendor_and_device)
			return function;
	fail("no such PCI function", vendor_and_device, 0);
	return 0;
}

u64 pci_place(u32 function, u32 bar, u64 address) {
	u32 at = PCI_BAR + 4 * bar;
	u32 command = pci_read(function, PCI_COMMAND, 2);
	u32 type = pci_read(function, at, 4) & TYPE_BITS;
	u64 size;
	pci_write(function, PCI_COMMAND, 2, command & ~PCI_MEMORY);
	pci_write(function, at, 4, 0xffffffffu);
	size = ~(u64)(pci_read(function, at, 4) & ~TYPE_BITS) + 1 & 0xffffffffu;
	require(size && !(size & size - 1), size, bar);
	require(!(address & size - 1), address, size);
	pci_write(function, at, 4, (u32)address);
	if (type & TYPE_64)
		pci_write(function, at + 4, 4, (u32)(address >> 32));
	require((pci_read(function, at, 4) & ~TYPE_BITS) == (u32)address, address, bar);
	pci_write(function, PCI_COMMAND, 2, command);
	return size;
}
