package dev.monoceros.unicorn;

/**
 * The x86-64 machine code that answers most misses of the software TLB without leaving native code.
 * It is called as a {@code uc_cb_tlbevent_t}: (engine, page, access, result, user data), where the
 * user data is the cell of a {@link PageGrants}. It walks 4-level page tables and grants what needs
 * no decision: every entry present and accessed, no reserved bit, rights sufficient, the dirty bit
 * set before a store, code pages for fetches and data pages for stores. Everything else, faults
 * included, goes to the Java handler by a jump, which sees the same arguments.
 *
 * <p>Registers: r8 cell, r9 CPU state, r10 table and then page, r11 RAM, r12 last usable slot, r14
 * mask of the address bits, rbx rights common to all levels, rbp OR of all entries.
 */
final class TlbStub {
  private static final String X86_64 =
      """
      4d8b4808                 ; mov r9,qword [r8+0x8]
      418b81{cr0}              ; mov eax,dword [r9+cr0]
      2500000180               ; and eax,0x80010000
      3d00000180               ; cmp eax,0x80010000
      0f8557020000             ; jne 272 <slow>
      41f781{efer}00080000     ; test dword [r9+efer],0x800
      0f8446020000             ; je 272 <slow>
      4d8b91{cr3}              ; mov r10,qword [r9+cr3]
      4d3b5040                 ; cmp r10,qword [r8+0x40]
      0f8535020000             ; jne 272 <slow>
      4889f0                   ; mov rax,rsi
      48c1f82f                 ; sar rax,0x2f
      48ffc0                   ; inc rax
      4883f801                 ; cmp rax,0x1
      0f8721020000             ; ja 272 <slow>
      53                       ; push rbx
      55                       ; push rbp
      4154                     ; push r12
      4155                     ; push r13
      4156                     ; push r14
      4d8b5810                 ; mov r11,qword [r8+0x10]
      4d8b6018                 ; mov r12,qword [r8+0x18]
      4983ec08                 ; sub r12,0x8
      bb07000000               ; mov ebx,0x7
      31ed                     ; xor ebp,ebp
      49be00f0ffffffff0f00     ; movabs r14,0xffffffffff000
      4989f5                   ; mov r13,rsi
      49c1ed27                 ; shr r13,0x27
      4181e5ff010000           ; and r13d,0x1ff
      4d21f2                   ; and r10,r14
      4f8d2cea                 ; lea r13,[r10+r13*8]
      4d39e5                   ; cmp r13,r12
      0f87d6010000             ; ja 26a <slowpop>
      4b8b042b                 ; mov rax,qword [r11+r13*1]
      4189c5                   ; mov r13d,eax
      41f7d5                   ; not r13d
      41f7c521000000           ; test r13d,0x21
      0f85bf010000             ; jne 26a <slowpop>
      a880                     ; test al,0x80
      0f85b7010000             ; jne 26a <slowpop>
      4821c3                   ; and rbx,rax
      4809c5                   ; or rbp,rax
      4989c2                   ; mov r10,rax
      4989f5                   ; mov r13,rsi
      49c1ed1e                 ; shr r13,0x1e
      4181e5ff010000           ; and r13d,0x1ff
      4d21f2                   ; and r10,r14
      4f8d2cea                 ; lea r13,[r10+r13*8]
      4d39e5                   ; cmp r13,r12
      0f8790010000             ; ja 26a <slowpop>
      4b8b042b                 ; mov rax,qword [r11+r13*1]
      4189c5                   ; mov r13d,eax
      41f7d5                   ; not r13d
      41f7c521000000           ; test r13d,0x21
      0f8579010000             ; jne 26a <slowpop>
      4821c3                   ; and rbx,rax
      4809c5                   ; or rbp,rax
      a880                     ; test al,0x80
      0f856b010000             ; jne 26a <slowpop>
      4989c2                   ; mov r10,rax
      4989f5                   ; mov r13,rsi
      49c1ed15                 ; shr r13,0x15
      4181e5ff010000           ; and r13d,0x1ff
      4d21f2                   ; and r10,r14
      4f8d2cea                 ; lea r13,[r10+r13*8]
      4d39e5                   ; cmp r13,r12
      0f874a010000             ; ja 26a <slowpop>
      4b8b042b                 ; mov rax,qword [r11+r13*1]
      4189c5                   ; mov r13d,eax
      41f7d5                   ; not r13d
      41f7c521000000           ; test r13d,0x21
      0f8533010000             ; jne 26a <slowpop>
      4821c3                   ; and rbx,rax
      4809c5                   ; or rbp,rax
      4989c2                   ; mov r10,rax
      a880                     ; test al,0x80
      0f85ff000000             ; jne 247 <large>
      4989f5                   ; mov r13,rsi
      49c1ed0c                 ; shr r13,0xc
      4181e5ff010000           ; and r13d,0x1ff
      4d21f2                   ; and r10,r14
      4f8d2cea                 ; lea r13,[r10+r13*8]
      4d39e5                   ; cmp r13,r12
      0f8704010000             ; ja 26a <slowpop>
      4b8b042b                 ; mov rax,qword [r11+r13*1]
      4189c5                   ; mov r13d,eax
      41f7d5                   ; not r13d
      41f7c521000000           ; test r13d,0x21
      0f85ed000000             ; jne 26a <slowpop>
      4821c3                   ; and rbx,rax
      4809c5                   ; or rbp,rax
      4989c2                   ; mov r10,rax
      4d21f2                   ; and r10,r14
      4989ed                   ; mov r13,rbp
      49c1ed28                 ; shr r13,0x28
      41f7c5ff0f0000           ; test r13d,0xfff
      0f85cd000000             ; jne 26a <slowpop>
      458ba9{hidden}           ; mov r13d,dword [r9+hidden]
      4183e503                 ; and r13d,0x3
      4183fd03                 ; cmp r13d,0x3
      7509                     ; jne 1b7 <supervisor>
      f6c304                   ; test bl,0x4
      0f84b3000000             ; je 26a <slowpop>
      4d3b5018                 ; cmp r10,qword [r8+0x18]
      0f83a9000000             ; jae 26a <slowpop>
      4d89d5                   ; mov r13,r10
      49c1ed0c                 ; shr r13,0xc
      4d8b6020                 ; mov r12,qword [r8+0x20]
      470fb6242c               ; movzx r12d,byte [r12+r13*1]
      458b5838                 ; mov r11d,dword [r8+0x38]
      83fa12                   ; cmp edx,0x12
      743b                     ; je 215 <fetch>
      83fa11                   ; cmp edx,0x11
      7426                     ; je 205 <write>
      4585e4                   ; test r12d,r12d
      7519                     ; jne 1fd <readonly>
      f6c302                   ; test bl,0x2
      7414                     ; je 1fd <readonly>
      a840                     ; test al,0x40
      7410                     ; je 1fd <readonly>
      4d8b6028                 ; mov r12,qword [r8+0x28]
      47891cac                 ; mov dword [r12+r13*4],r11d
      41bc03000000             ; mov r12d,0x3
      eb31                     ; jmp 22e <done>
      41bc01000000             ; mov r12d,0x1
      eb29                     ; jmp 22e <done>
      4585e4                   ; test r12d,r12d
      7560                     ; jne 26a <slowpop>
      f6c302                   ; test bl,0x2
      745b                     ; je 26a <slowpop>
      a840                     ; test al,0x40
      7457                     ; je 26a <slowpop>
      ebd8                     ; jmp 1ed <writable>
      4885ed                   ; test rbp,rbp
      7850                     ; js 26a <slowpop>
      4183fc01                 ; cmp r12d,0x1
      754a                     ; jne 26a <slowpop>
      4d8b6030                 ; mov r12,qword [r8+0x30]
      47891cac                 ; mov dword [r12+r13*4],r11d
      41bc05000000             ; mov r12d,0x5
      4c8911                   ; mov qword [rcx],r10
      44896108                 ; mov dword [rcx+0x8],r12d
      49ff4048                 ; inc qword [r8+0x48]
      415e                     ; pop r14
      415d                     ; pop r13
      415c                     ; pop r12
      5d                       ; pop rbp
      5b                       ; pop rbx
      b801000000               ; mov eax,0x1
      c3                       ; ret
      a900e01f00               ; test eax,0x1fe000
      751c                     ; jne 26a <slowpop>
      4d21f2                   ; and r10,r14
      4981e20000e0ff           ; and r10,0xffffffffffe00000
      4989f5                   ; mov r13,rsi
      4181e500f01f00           ; and r13d,0x1ff000
      4d09ea                   ; or r10,r13
      e91fffffff               ; jmp 189 <leaf>
      415e                     ; pop r14
      415d                     ; pop r13
      415c                     ; pop r12
      5d                       ; pop rbp
      5b                       ; pop rbx
      41ff20                   ; jmp qword [r8]
      """;

  private TlbStub() {}

  /** The code with the offsets of one library filled in. */
  static byte[] x86(StateLayout layout) {
    return new Listing(X86_64)
        .set("cr0", layout.controls())
        .set("cr3", layout.controls() + 3 * 8)
        .set("efer", layout.efer())
        .set("hidden", layout.hidden())
        .bytes();
  }
}
