/*
 * The PVH entry (Xen, docs/misc/pvh.pandoc): 32-bit protected mode without paging, EBX points to
 * hvm_start_info. Goes to long mode with the first 4 GiB mapped to themselves, and on to the
 * 64-bit program 4 KiB further up.
 */
#include "layout.h"

	.globl _start
_start:
	cli
	/* One PML4 entry, four PDPT entries, 2,048 pages of 2 MiB. */
	movl $PAGE_TABLES, %edi
	xorl %eax, %eax
	movl $(6 * 4096 / 4), %ecx
clear:
	movl %eax, (%edi)
	addl $4, %edi
	decl %ecx
	jnz clear
	movl $(PAGE_TABLES + 0x1003), PAGE_TABLES
	movl $(PAGE_TABLES + 0x2003), PAGE_TABLES + 0x1000
	movl $(PAGE_TABLES + 0x3003), PAGE_TABLES + 0x1008
	movl $(PAGE_TABLES + 0x4003), PAGE_TABLES + 0x1010
	movl $(PAGE_TABLES + 0x5003), PAGE_TABLES + 0x1018
	movl $(PAGE_TABLES + 0x2000), %edi
	movl $0x83, %eax
	movl $2048, %ecx
map:
	movl %eax, (%edi)
	addl $8, %edi
	addl $0x200000, %eax
	decl %ecx
	jnz map

	movl $gdt_pointer, %eax
	lgdt (%eax)
	movl %cr4, %eax
	orl $0x20, %eax			/* PAE */
	movl %eax, %cr4
	movl $PAGE_TABLES, %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx		/* EFER: LME */
	rdmsr
	orl $0x100, %eax
	wrmsr
	movl %cr0, %eax
	orl $0x80000000, %eax		/* PG */
	movl %eax, %cr0
	ljmp $8, $PROGRAM

	.align 8
gdt:
	.long 0, 0
	.long 0x0000ffff, 0x00af9b00	/* 64-bit code */
	.long 0x0000ffff, 0x00cf9300	/* data */
gdt_pointer:
	.word 23
	.long gdt
