/* The first instructions in long mode: a stack, and C. */
#include "layout.h"

	.globl _start
_start:
	movl $16, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movq $STACK_TOP, %rsp
	movl %ebx, %edi			/* hvm_start_info */
	call guest_main
halt:
	hlt
	jmp halt
