package dev.monoceros.unicorn;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A second, larger cache of translated blocks by guest address, behind the engine's own. That one
 * has 4,096 places, of which one page of code can use 64, one block each; what it has lost must be
 * found by physical address in a hash table, at several misses of the host's data cache. A program
 * larger than a loop does that hundreds of times for each system call.
 *
 * <p>The code here stands before {@code tb_htable_lookup}, which the engine calls exactly when its
 * own cache has failed. It keeps four blocks for each place of the engine's, found by the same
 * hash. Both caches must forget a block when its address may mean other memory; the engine then
 * clears its places, of one page or all. So what is kept here for a place counts only as long as
 * the engine's is not empty: found empty, the four are forgotten; and every time a place is filled
 * again this code is asked first. A block that was invalidated says so itself ({@code CF_INVALID}).
 * What the four are depends on the guest's addresses and their order alone.
 */
final class JumpCache {
  private static final int WAYS = 4;
  private static final int PLACES = 4096;
  private static final long BYTES = (long) PLACES * WAYS * 2 * Long.BYTES;
  private static final int OWNERS = 4;
  private static final int OWNER_BYTES = 2 * Long.BYTES;
  private static final int WINDOW = 256;

  /** Behind the load of the engine's place: the comparisons of a block with what is looked for. */
  private static final String COMPARISONS = "4885c074..483b3075..483b500875..3b481075..";

  private static final String FLAGS_MASK = "ffff0eff";

  /** {@code TranslationBlock *f(cpu, pc, cs_base, flags, cflags)}. */
  private static final String LOOKUP =
      """
      49b9{table}              ; movabs r9,table   <start>
      493939                   ; cmp [r9],rdi
      7427                     ; je owned
      4983c110                 ; add r9,0x10
      493939                   ; cmp [r9],rdi
      741e                     ; je owned
      4983c110                 ; add r9,0x10
      493939                   ; cmp [r9],rdi
      7415                     ; je owned
      4983c110                 ; add r9,0x10
      493939                   ; cmp [r9],rdi
      740c                     ; je owned
      48b8{lookup}             ; movabs rax,lookup   <foreign>
      ffe0                     ; jmp rax
      4d8b4908                 ; mov r9,[r9+0x8]   <owned>
      4889f0                   ; mov rax,rsi
      48c1e806                 ; shr rax,0x6
      4831f0                   ; xor rax,rsi
      4989c2                   ; mov r10,rax
      49c1ea06                 ; shr r10,0x6
      4181e2c00f0000           ; and r10d,0xfc0
      83e03f                   ; and eax,0x3f
      4109c2                   ; or r10d,eax
      4e8d9cd7{slots}          ; lea r11,[rdi+r10*8+slots]
      41c1e206                 ; shl r10d,0x6
      4d01d1                   ; add r9,r10
      49833b00                 ; cmp [r11],0x0
      7453                     ; je cleared
      493931                   ; cmp [r9],rsi
      7506                     ; jne way1
      498b4108                 ; mov rax,[r9+0x8]
      eb22                     ; jmp verify
      49397110                 ; cmp [r9+0x10],rsi   <way1>
      7506                     ; jne way2
      498b4118                 ; mov rax,[r9+0x18]
      eb16                     ; jmp verify
      49397120                 ; cmp [r9+0x20],rsi   <way2>
      7506                     ; jne way3
      498b4128                 ; mov rax,[r9+0x28]
      eb0a                     ; jmp verify
      49397130                 ; cmp [r9+0x30],rsi   <way3>
      752f                     ; jne miss
      498b4138                 ; mov rax,[r9+0x38]
      4885c0                   ; test rax,rax   <verify>
      7426                     ; je miss
      483930                   ; cmp [rax],rsi
      7521                     ; jne miss
      48395008                 ; cmp [rax+0x8],rdx
      751b                     ; jne miss
      394810                   ; cmp [rax+0x10],ecx
      7516                     ; jne miss
      448b5018                 ; mov r10d,[rax+0x18]
      4181e2ffff0eff           ; and r10d,0xff0effff
      4539c2                   ; cmp r10d,r8d
      7506                     ; jne miss
      c3                       ; ret
      e84b000000               ; call wipe   <cleared>
      56                       ; push rsi   <miss>
      4151                     ; push r9
      4153                     ; push r11
      48b8{lookup}             ; movabs rax,lookup
      ffd0                     ; call rax
      415b                     ; pop r11
      4159                     ; pop r9
      5e                       ; pop rsi
      4885c0                   ; test rax,rax
      7430                     ; je wipe
      49833b00                 ; cmp [r11],0x0
      7505                     ; jne insert
      e825000000               ; call wipe
      410f1001                 ; movups xmm0,[r9]   <insert>
      410f104910               ; movups xmm1,[r9+0x10]
      410f105120               ; movups xmm2,[r9+0x20]
      410f114110               ; movups [r9+0x10],xmm0
      410f114920               ; movups [r9+0x20],xmm1
      410f115130               ; movups [r9+0x30],xmm2
      498931                   ; mov [r9],rsi
      49894108                 ; mov [r9+0x8],rax
      c3                       ; ret
      0f57c0                   ; xorps xmm0,xmm0   <wipe>
      410f1101                 ; movups [r9],xmm0
      410f114110               ; movups [r9+0x10],xmm0
      410f114120               ; movups [r9+0x20],xmm0
      410f114130               ; movups [r9+0x30],xmm0
      c3                       ; ret
      """;

  private final MemorySegment owners = HostMemory.map(4096);

  /**
   * Where the engine's cache begins, from its {@code CPUState}, read from the code of {@code
   * helper_lookup_tb_ptr}; nothing unless that looks as it should.
   *
   * @param state offset of {@code CPUState} from the CPU's registers, which the helper gets
   */
  static OptionalInt placesOf(long helper, int state) {
    if (helper == 0 || state == 0) {
      return OptionalInt.empty();
    }
    byte[] code = new byte[WINDOW];
    for (int i = 0; i < WINDOW; i++) {
      code[i] = HostMemory.getByte(helper + i);
    }
    String hex = HexFormat.of().formatHex(code);
    for (int i = 0; i < WINDOW - COMPARISONS.length() / 2; i++) {
      if (hex.startsWith(FLAGS_MASK, 2 * i)) {
        return beforeComparisons(hex, helper, state);
      }
    }
    return OptionalInt.empty();
  }

  /** The displacement of {@code mov rax, [base + index * 8 + displacement]} before them. */
  private static OptionalInt beforeComparisons(String hex, long helper, int state) {
    Matcher found = Pattern.compile(COMPARISONS).matcher(hex);
    if (!found.find() || found.start() % 2 != 0 || found.start() < 16) {
      return OptionalInt.empty();
    }
    int displacement = HostMemory.getInt(helper + found.start() / 2 - Integer.BYTES);
    return OptionalInt.of(displacement - state);
  }

  /** In place of {@code tb_htable_lookup}, which is at {@code lookup}. */
  byte[] before(long lookup, int places) {
    return new Listing(LOOKUP)
        .set("table", owners.address())
        .set("lookup", lookup)
        .set("slots", places)
        .bytes();
  }

  /**
   * Gives an engine a cache of its own; one beyond the fourth at a time does without.
   *
   * @param cpu address of its {@code CPUState}
   */
  synchronized Runnable claim(long cpu) {
    for (int i = 0; i < OWNERS; i++) {
      long owner = owners.address() + (long) OWNER_BYTES * i;
      if (HostMemory.getLong(owner) == 0) {
        MemorySegment blocks = HostMemory.map(BYTES);
        HostMemory.putLong(owner + Long.BYTES, blocks.address());
        HostMemory.putLong(owner, cpu);
        return () -> release(owner, blocks);
      }
    }
    return () -> {};
  }

  private synchronized void release(long owner, MemorySegment blocks) {
    HostMemory.putLong(owner, 0);
    HostMemory.unmap(blocks);
  }
}
