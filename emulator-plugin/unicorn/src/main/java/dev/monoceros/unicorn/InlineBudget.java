package dev.monoceros.unicorn;

import java.util.HexFormat;
import java.util.List;

/**
 * Counting a block against the budget without a call. The engine emits a call of the block hook at
 * the start of every block: four arguments, the call, and behind it {@link BudgetStub}'s few
 * instructions, which in short loops are more than the block itself. The code here stands before
 * {@code tcg_gen_code}; when it has emitted a block, the arguments and the call are overwritten:
 *
 * <pre>{@code
 * sub qword [cell], size
 * js 1f
 * nop ...        // the last five bytes of this instruction are 1: call SLOW
 * }</pre>
 *
 * <p>so that no jump is taken where the budget suffices. A block that was translated for RFLAGS.RF
 * set, which the engine keeps apart from the same block without, ends the flag:
 *
 * <pre>{@code
 *     sub qword [cell], size
 *     js slow
 *     test byte [rbp + RFLAGS.RF], 1
 *     jz block
 * slow:
 *     call SLOW
 * block:
 * }</pre>
 *
 * <p>Before that, blocks of one instruction of at most three bytes are shown to the engine's owner
 * (see {@link StringRuns}); the call of one for which there is other code calls that.
 *
 * <p>What is called then finds cell and size in the instruction that has subtracted, and the
 * address in RIP, which the engine stores before the hook and which stays. RBP holds the address of
 * the CPU's registers in all translated code of x86-64 hosts (TCG_AREG0). Where the emitted code
 * looks otherwise, it stays, and calls the stub.
 */
final class InlineBudget {
  /** {@code int tcg_gen_code(TCGContext *s, TranslationBlock *tb)}. */
  private static final String GENERATE =
      """
      53                           ; push rbx   <start>
      4883ec10                     ; sub rsp,0x10
      4889f3                       ; mov rbx,rsi
      48b8{generate}               ; movabs rax,generate
      ffd0                         ; call rax
      48890424                     ; mov [rsp],rax
      85c0                         ; test eax,eax
      7832                         ; js done
      488b7b20                     ; mov rdi,[rbx+0x20]
      48be{stub}                   ; movabs rsi,stub
      4c8d4760                     ; lea r8,[rdi+0x60]
      4c8d4f18                     ; lea r9,[rdi+0x18]
      418039e8                     ; cmp byte [r9],0xe8   <call_at>
      750e                         ; jne next_call
      49634901                     ; movsxd rcx,dword [r9+0x1]
      498d4c0905                   ; lea rcx,[r9+rcx*1+0x5]
      4839f1                       ; cmp rcx,rsi
      7412                         ; je hook
      49ffc1                       ; inc r9   <next_call>
      4d39c1                       ; cmp r9,r8
      72e4                         ; jb call_at
      488b0424                     ; mov rax,[rsp]   <done>
      4883c410                     ; add rsp,0x10
      5b                           ; pop rbx
      c3                           ; ret
      66418179f9488d               ; cmp word [r9-0x7],0x8d48   <hook>
      75ed                         ; jne done
      418079fb0d                   ; cmp byte [r9-0x5],0xd
      75e6                         ; jne done
      418079f4ba                   ; cmp byte [r9-0xc],0xba
      75df                         ; jne done
      4d6351fc                     ; movsxd r10,dword [r9-0x4]
      4d01ca                       ; add r10,r9
      418b51f5                     ; mov edx,dword [r9-0xb]
      83fa03                       ; cmp edx,0x3
      774a                         ; ja inline
      66395314                     ; cmp word [rbx+0x14],dx
      7544                         ; jne inline
      66837b1601                   ; cmp word [rbx+0x16],0x1
      753d                         ; jne inline
      498b4230                     ; mov rax,[r10+0x30]
      4885c0                       ; test rax,rax
      7434                         ; je inline
      4c894c2408                   ; mov [rsp+0x8],r9
      4889df                       ; mov rdi,rbx
      48633424                     ; movsxd rsi,dword [rsp]
      ffd0                         ; call rax
      4c8b4c2408                   ; mov r9,[rsp+0x8]
      4885c0                       ; test rax,rax
      740d                         ; je declined
      498d4905                     ; lea rcx,[r9+0x5]
      4829c8                       ; sub rax,rcx
      41894101                     ; mov dword [r9+0x1],eax
      eb94                         ; jmp done
      488b7b20                     ; mov rdi,[rbx+0x20]   <declined>
      4d6351fc                     ; movsxd r10,dword [r9-0x4]
      4d01ca                       ; add r10,r9
      418b51f5                     ; mov edx,dword [r9-0xb]
      4d8b5a28                     ; mov r11,[r10+0x28]   <inline>
      4d8d41f4                     ; lea r8,[r9-0xc]
      66813f48bf                   ; cmp word [rdi],0xbf48   <engine_at>
      741d                         ; je absolute
      66813f488d                   ; cmp word [rdi],0x8d48
      751c                         ; jne next_engine
      807f023d                     ; cmp byte [rdi+0x2],0x3d
      7516                         ; jne next_engine
      48634f03                     ; movsxd rcx,dword [rdi+0x3]
      488d4c0f07                   ; lea rcx,[rdi+rcx*1+0x7]
      4c39d9                       ; cmp rcx,r11
      7415                         ; je write
      eb06                         ; jmp next_engine
      4c395f02                     ; cmp [rdi+0x2],r11   <absolute>
      740d                         ; je write
      48ffc7                       ; inc rdi   <next_engine>
      4c39c7                       ; cmp rdi,r8
      72ce                         ; jb engine_at
      e946ffffff                   ; jmp done
      4d8d4105                     ; lea r8,[r9+0x5]   <write>
      4c89c1                       ; mov rcx,r8
      4829f9                       ; sub rcx,rdi
      4883f91b                     ; cmp rcx,0x1b
      0f8232ffffff                 ; jb done
      66c7074881                   ; mov word [rdi],0x8148
      c647022d                     ; mov byte [rdi+0x2],0x2d
      488d4f0b                     ; lea rcx,[rdi+0xb]
      4929ca                       ; sub r10,rcx
      44895703                     ; mov dword [rdi+0x3],r10d
      895707                       ; mov dword [rdi+0x7],edx
      f6431201                     ; test byte [rbx+0x12],0x1
      755b                         ; jne resuming
      c7470b78030f1f               ; mov dword [rdi+0xb],0x1f0f0378
      66c7470f84e8                 ; mov word [rdi+0xf],0xe884
      4883c715                     ; add rdi,0x15
      48b9{overdrawn}              ; movabs rcx,overdrawn
      4829f9                       ; sub rcx,rdi
      894ffc                       ; mov dword [rdi-0x4],ecx
      48ba{fillers}                ; movabs rdx,fillers
      4489c1                       ; mov ecx,r8d
      29f9                         ; sub ecx,edi
      b809000000                   ; mov eax,0x9
      39c1                         ; cmp ecx,eax   <filler>
      0f42c1                       ; cmovb eax,ecx
      85c0                         ; test eax,eax
      0f84d3feffff                 ; je done
      29c1                         ; sub ecx,eax
      4189c2                       ; mov r10d,eax
      41c1e204                     ; shl r10d,0x4
      4189c9                       ; mov r9d,ecx
      4a8d3412                     ; lea rsi,[rdx+r10*1]
      89c1                         ; mov ecx,eax
      f3a4                         ; rep movs byte es:[rdi],byte ds:[rsi]
      4489c9                       ; mov ecx,r9d
      ebda                         ; jmp filler
      c7470b7809f685               ; mov dword [rdi+0xb],0x85f60978   <resuming>
      c7470f{rf}                   ; mov dword [rdi+0xf],rf
      66c747130174                 ; mov word [rdi+0x13],0x7401
      488d4f16                     ; lea rcx,[rdi+0x16]
      4c89c2                       ; mov rdx,r8
      4829ca                       ; sub rdx,rcx
      885715                       ; mov byte [rdi+0x15],dl
      c64716e8                     ; mov byte [rdi+0x16],0xe8
      48b9{slow}                   ; movabs rcx,slow
      4883c71b                     ; add rdi,0x1b
      4829f9                       ; sub rcx,rdi
      894ffc                       ; mov dword [rdi-0x4],ecx
      4c39c7                       ; cmp rdi,r8   <fill>
      0f8378feffff                 ; jae done
      c60790                       ; mov byte [rdi],0x90
      48ffc7                       ; inc rdi
      ebef                         ; jmp fill
      """;

  /** Called from the block; returns to it, or leaves it through the engine's exit check. */
  private static final String SLOW =
      """
      488b0424                     ; mov rax,[rsp]   <slow>
      486348{cell}                 ; movsxd rcx,dword [rax+cell]
      488d4c08{next}               ; lea rcx,[rax+rcx*1+next]
      48833900                     ; cmp [rcx],0x0
      7c08                         ; jl overdrawn
      80a5{rf}fe                   ; and byte [rbp+rf],0xfe
      c3                           ; ret
      8b50{size}                   ; mov edx,dword [rax+size]   <overdrawn>
      488bb5{rip}                  ; mov rsi,[rbp+rip]
      4803b5{base}                 ; add rsi,[rbp+base]
      488b7928                     ; mov rdi,[rcx+0x28]
      4883ec18                     ; sub rsp,0x18
      48893c24                     ; mov [rsp],rdi
      48894c2408                   ; mov [rsp+0x8],rcx
      ff5108                       ; call [rcx+0x8]
      488b3c24                     ; mov rdi,[rsp]
      488b4c2408                   ; mov rcx,[rsp+0x8]
      4883c418                     ; add rsp,0x18
      83791000                     ; cmp dword [rcx+0x10],0x0
      7405                         ; je end
      31f6                         ; xor esi,esi
      ff6118                       ; jmp [rcx+0x18]
      c3                           ; ret   <end>
      """;

  private static final int CS = 1;
  private static final int RF_BYTE = 2;

  /** Where the subtracting instruction has its operands, and its end. */
  private static final int CELL = 3;

  private static final int SIZE = 7;
  private static final int NEXT = 11;

  /** Bytes of what is written, with the call. */
  private static final int LENGTH = 21;

  private static final int RESUMING_LENGTH = 27;

  /** SDM volume 2, NOP: the recommended forms of many bytes. */
  private static final List<String> FILLERS =
      List.of(
          "",
          "90",
          "6690",
          "0f1f00",
          "0f1f4000",
          "0f1f440000",
          "660f1f440000",
          "0f1f8000000000",
          "0f1f840000000000",
          "660f1f840000000000");

  private final StringRuns strings;
  private final long stub;
  private final long slow;
  private final long overdrawn;
  private final long fillers;
  private final int rf;

  /** Maps the code that is called, for CPU state as {@code layout} has it. */
  InlineBudget(StateLayout layout) {
    this.rf = layout.rflags() + RF_BYTE;
    this.stub = HostMemory.mapCode(BudgetStub.forHost("amd64")).address();
    this.strings = new StringRuns(layout, stub);
    this.slow = slow(layout, RESUMING_LENGTH);
    this.overdrawn = slow(layout, LENGTH);
    this.fillers = HostMemory.mapCode(fillers()).address();
  }

  /** For sequences of so many bytes, up to and with the call. */
  private long slow(StateLayout layout, int length) {
    int base = layout.segments() + CS * StateLayout.SEGMENT_STRIDE + StateLayout.SEGMENT_BASE;
    Listing code =
        new Listing(SLOW)
            .set("rf", rf)
            .set("rip", layout.rip())
            .set("base", base)
            .set("cell", HostCode.bytes(CELL - length))
            .set("size", HostCode.bytes(SIZE - length))
            .set("next", HostCode.bytes(NEXT - length));
    return HostMemory.mapCode(code.bytes()).address();
  }

  /** No operation, in lengths up to nine bytes; 16 bytes apart. */
  private static byte[] fillers() {
    byte[] result = new byte[FILLERS.size() * 16];
    for (int i = 0; i < FILLERS.size(); i++) {
      byte[] one = HexFormat.of().parseHex(FILLERS.get(i));
      System.arraycopy(one, 0, result, i * 16, one.length);
    }
    return result;
  }

  /** The stub that all engines of the library share: calls of it are what is overwritten. */
  long stub() {
    return stub;
  }

  /** What blocks of one string instruction call in place of the stub. */
  StringRuns strings() {
    return strings;
  }

  /** In place of {@code tcg_gen_code}, which is at {@code generate}. */
  byte[] around(long generate) {
    return new Listing(GENERATE)
        .set("generate", generate)
        .set("stub", stub)
        .set("slow", slow)
        .set("overdrawn", overdrawn)
        .set("fillers", fillers)
        .set("rf", rf)
        .bytes();
  }
}
