package dev.monoceros.unicorn;

/**
 * Host machine code that makes data breakpoints work (SDM volume 3, 17.2). The engine keeps QEMU's
 * marks in its software TLB and calls {@code cpu_check_watchpoint} for accesses to marked pages,
 * but the functions that would make the marks and judge the accesses are empty. These stand in for
 * them and read the breakpoint registers themselves.
 *
 * <p>A data breakpoint is a trap: #DB comes after the instruction. So the access that meets one is
 * given up before it happens, RIP goes back to the instruction, and this runs again on its own,
 * with TF set; now the breakpoints it meets are noted. The engine's single-step trap then stands
 * for them; {@link CpuState#endDataStep} tells which. What is noted lies where the engine keeps DR4
 * and DR5, which it never uses: they are other names for DR6 and DR7.
 */
final class DataBreakpoints {
  /** Where DR4 would be: bit 0 while an instruction is stepped, and the guest's own TF. */
  static final int STEPPING = 4 * Long.BYTES;

  /** Where DR5 would be: breakpoints met, as in DR6. */
  static final int MET = 5 * Long.BYTES;

  static final int DR6 = 6 * Long.BYTES;
  private static final int DR7 = 7 * Long.BYTES;

  /** {@code int f(cpu, page, length)}: 1 to watch loads, 2 to watch stores of a page. */
  private static final String MATCHES =
      """
      4c8d97{state}            ; lea r10,[rdi+state]
      458b82{dr7}              ; mov r8d,dword [r10+dr7]
      31c0                     ; xor eax,eax
      41f7c000001111           ; test r8d,0x11110000          R/W 1 or 3: data
      7451                     ; je 6a <none>
      48c1ee0c                 ; shr rsi,0xc
      4531c9                   ; xor r9d,r9d
      438d0c09                 ; lea ecx,[r9+r9]              20 <slot>
      4489c2                   ; mov edx,r8d
      d3ea                     ; shr edx,cl
      f7c203000000             ; test edx,0x3                 L and G
      7430                     ; je 61 <next>
      428d0c8d10000000         ; lea ecx,[r9*4+0x10]
      4489c2                   ; mov edx,r8d
      d3ea                     ; shr edx,cl
      f7c201000000             ; test edx,0x1
      741b                     ; je 61 <next>
      4b8b8cca{dr0}            ; mov rcx,qword [r10+r9*8+dr0]
      48c1e90c                 ; shr rcx,0xc
      4839f1                   ; cmp rcx,rsi
      750a                     ; jne 61 <next>
      83e202                   ; and edx,0x2
      d1ea                     ; shr edx,1
      83ca02                   ; or edx,0x2
      09d0                     ; or eax,edx
      41ffc1                   ; inc r9d                      61 <next>
      4183f904                 ; cmp r9d,0x4
      72b6                     ; jb 20 <slot>
      c3                       ; ret                          6a <none>
      """;

  /** {@code void f(cpu, address, length, attributes, flags, return address in translated code)}. */
  private static final String CHECK =
      """
      53                       ; push rbx
      55                       ; push rbp
      4154                     ; push r12
      4c8d97{state}            ; lea r10,[rdi+state]
      418b82{dr7}              ; mov eax,dword [r10+dr7]
      4c8d6416ff               ; lea r12,[rsi+rdx-1]          the last byte accessed
      4531db                   ; xor r11d,r11d
      31db                     ; xor ebx,ebx
      8d0c1b                   ; lea ecx,[rbx+rbx]            1c <slot>
      89c5                     ; mov ebp,eax
      d3ed                     ; shr ebp,cl
      f7c503000000             ; test ebp,0x3                 L and G
      7452                     ; je 7d <next>
      8d0c9d10000000           ; lea ecx,[rbx*4+0x10]
      89c5                     ; mov ebp,eax
      d3ed                     ; shr ebp,cl
      f7c501000000             ; test ebp,0x1                 R/W 1 or 3: data
      743f                     ; je 7d <next>
      41f7c002000000           ; test r8d,0x2                 a store
      7508                     ; jne 4f <met>
      f7c502000000             ; test ebp,0x2                 R/W 3: loads, too
      742e                     ; je 7d <next>
      83e50c                   ; and ebp,0xc                  4f <met>: LEN
      89e9                     ; mov ecx,ebp
      bd10370000               ; mov ebp,0x3710
      d3ed                     ; shr ebp,cl
      83e50f                   ; and ebp,0xf                  0, 1, 7 or 3
      4889e9                   ; mov rcx,rbp
      48f7d1                   ; not rcx
      49238cda{dr0}            ; and rcx,qword [r10+rbx*8+dr0]
      4939cc                   ; cmp r12,rcx
      720c                     ; jb 7d <next>
      4801e9                   ; add rcx,rbp
      4839ce                   ; cmp rsi,rcx
      7704                     ; ja 7d <next>
      410fabdb                 ; bts r11d,ebx
      ffc3                     ; inc ebx                      7d <next>
      83fb04                   ; cmp ebx,0x4
      7298                     ; jb 1c <slot>
      415c                     ; pop r12
      5d                       ; pop rbp
      5b                       ; pop rbx
      4585db                   ; test r11d,r11d
      746c                     ; je f9 <done>
      41f782{dr4}01000000      ; test dword [r10+dr4],0x1
      7558                     ; jne f2 <note>
      4d85c9                   ; test r9,r9
      745a                     ; je f9 <done>
      418b82{rflags}           ; mov eax,dword [r10+rflags]
      2500010000               ; and eax,0x100                TF
      83c801                   ; or eax,0x1
      498982{dr4}              ; mov qword [r10+dr4],rax
      31c0                     ; xor eax,eax
      498982{dr5}              ; mov qword [r10+dr5],rax
      57                       ; push rdi
      4152                     ; push r10
      50                       ; push rax
      4c89ce                   ; mov rsi,r9
      ba01000000               ; mov edx,0x1
      48b8{restore}            ; movabs rax,cpu_restore_state
      ffd0                     ; call rax
      58                       ; pop rax
      415a                     ; pop r10
      41818a{rflags}00010100   ; or dword [r10+rflags],0x10100  TF and RF
      5f                       ; pop rdi
      50                       ; push rax
      48b8{exit}               ; movabs rax,cpu_loop_exit_noexc
      ffd0                     ; call rax                     does not return
      4d099a{dr5}              ; or qword [r10+dr5],r11       f2 <note>
      c3                       ; ret                          f9 <done>
      """;

  /** {@code int f(cpu, address, ...)}: forgets the page, whose entry bears no mark yet. */
  private static final String INSERT =
      """
      50                       ; push rax
      48b8{flush}              ; movabs rax,tlb_flush_page
      ffd0                     ; call rax
      31c0                     ; xor eax,eax
      59                       ; pop rcx
      c3                       ; ret
      """;

  private final StateLayout layout;

  DataBreakpoints(StateLayout layout) {
    this.layout = layout;
  }

  /** In place of {@code cpu_watchpoint_address_matches}. */
  byte[] matches() {
    return listing(MATCHES).bytes();
  }

  /** In place of {@code cpu_check_watchpoint}. */
  byte[] check(long restore, long exit) {
    return listing(CHECK).set("restore", restore).set("exit", exit).bytes();
  }

  /** In place of {@code cpu_watchpoint_insert}. */
  byte[] insert(long flush) {
    return listing(INSERT).set("flush", flush).bytes();
  }

  private Listing listing(String text) {
    return new Listing(text)
        .set("state", -layout.cpu())
        .set("rflags", layout.rflags())
        .set("dr0", layout.debug())
        .set("dr4", layout.debug() + STEPPING)
        .set("dr5", layout.debug() + MET)
        .set("dr7", layout.debug() + DR7);
  }
}
