package dev.monoceros.unicorn;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A second, larger cache of translated blocks by guest address, behind the engine's own. That one
 * has 4,096 places, of which one page of code can use 64, one block each, and is emptied with the
 * TLB; what it has lost must be found by physical address in a hash table, at several misses of the
 * host's data cache. A program larger than a loop does that hundreds of times for each system call,
 * and every switch of address spaces does it for all blocks.
 *
 * <p>The code here stands before {@code tb_htable_lookup}, which the engine calls exactly when its
 * own cache has failed. It keeps four blocks for each place of the engine's, found by the same
 * hash. Both caches must not take a block for an address that may mean other memory by now; the
 * engine then clears its places, of one page or all. So what is kept here for a place is taken as
 * it is only as long as the engine's is not empty. Found empty, the four become doubtful (bit 0),
 * for every time a place is filled again this code is asked first. A doubtful one is compared with
 * the physical pages that the engine finds for the address now, as the hash table would. A block
 * that was invalidated says so itself ({@code CF_INVALID}). When the engine throws all blocks away
 * ({@code tcg_region_reset_all}), so does the code here. What the four are depends on the guest's
 * addresses and their order alone.
 */
final class JumpCache {
  private static final int WAYS = 4;
  private static final int PLACES = 4096;
  private static final long BYTES = (long) PLACES * WAYS * 2 * Long.BYTES;
  private static final int OWNERS = 4;
  private static final int OWNER_BYTES = 4 * Long.BYTES;
  private static final int WINDOW = 256;

  /** Behind the load of the engine's place: the comparisons of a block with what is looked for. */
  private static final String COMPARISONS = "4885c074..483b3075..483b500875..3b481075..";

  private static final String FLAGS_MASK = "ffff0eff";

  /** {@code lea r8, tb_lookup_cmp}. */
  private static final Pattern COMPARISON = Pattern.compile("4c8d05.{8}");

  /** {@code cmp [tb + 48h], rdi}, and {@code cmp qword [tb + 50h], -1}. */
  private static final Pattern FIRST_PAGE = Pattern.compile("48397e48");

  private static final Pattern SECOND_PAGE = Pattern.compile("48837[be]50ff");

  /** {@code mov rax, [cpu + uc]; mov rsi, [rax + tcg_ctx]; add rsi, imm32}. */
  private static final Pattern CONTEXT = Pattern.compile("488b85(.{8})488bb0(.{8})4881c6");

  /** {@code TranslationBlock *f(cpu, pc, cs_base, flags, cflags)}. */
  private static final String LOOKUP =
      """
      49b9{table}              ; movabs r9,table   <start>
      493939                   ; cmp [r9],rdi
      7427                     ; je owned
      4983c120                 ; add r9,0x20
      493939                   ; cmp [r9],rdi
      741e                     ; je owned
      4983c120                 ; add r9,0x20
      493939                   ; cmp [r9],rdi
      7415                     ; je owned
      4983c120                 ; add r9,0x20
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
      4e8d9cd7{places}         ; lea r11,[rdi+r10*8+places]
      41c1e206                 ; shl r10d,0x6
      4d01d1                   ; add r9,r10
      49833b00                 ; cmp [r11],0x0
      0f8409010000             ; je cleared
      4d8d11                   ; lea r10,[r9]   <find>
      493932                   ; cmp [r10],rsi
      741f                     ; je way
      4983c210                 ; add r10,0x10
      493932                   ; cmp [r10],rsi
      7416                     ; je way
      4983c210                 ; add r10,0x10
      493932                   ; cmp [r10],rsi
      740d                     ; je way
      4983c210                 ; add r10,0x10
      493932                   ; cmp [r10],rsi
      0f85ec000000             ; jne miss
      498b4208                 ; mov rax,[r10+0x8]   <way>
      4989c3                   ; mov r11,rax
      4883e0fe                 ; and rax,0xfffffffffffffffe
      0f84db000000             ; je miss
      483930                   ; cmp [rax],rsi
      0f85d2000000             ; jne miss
      48395008                 ; cmp [rax+0x8],rdx
      0f85c8000000             ; jne miss
      394810                   ; cmp dword [rax+0x10],ecx
      0f85bf000000             ; jne miss
      4153                     ; push r11
      448b5818                 ; mov r11d,dword [rax+0x18]
      4181e3ffff0eff           ; and r11d,0xff0effff
      4539c3                   ; cmp r11d,r8d
      415b                     ; pop r11
      0f85a7000000             ; jne miss
      41f7c301000000           ; test r11d,0x1
      7501                     ; jne doubtful
      c3                       ; ret
      50                       ; push rax   <doubtful>
      4152                     ; push r10
      4151                     ; push r9
      4150                     ; push r8
      51                       ; push rcx
      52                       ; push rdx
      56                       ; push rsi
      57                       ; push rdi
      57                       ; push rdi
      4881c7{registers}        ; add rdi,registers
      48b8{page}               ; movabs rax,page
      ffd0                     ; call rax
      488b7c2440               ; mov rdi,[rsp+0x40]
      4989c3                   ; mov r11,rax
      4883f8ff                 ; cmp rax,0xffffffffffffffff
      744a                     ; je compared
      4981e300f0ffff           ; and r11,0xfffffffffffff000
      4c3b5f48                 ; cmp r11,[rdi+0x48]
      753d                     ; jne compared
      48837f50ff               ; cmp [rdi+0x50],0xffffffffffffffff
      7436                     ; je compared
      488b742410               ; mov rsi,[rsp+0x10]
      4881e600f0ffff           ; and rsi,0xfffffffffffff000
      4881c600100000           ; add rsi,0x1000
      488b3c24                 ; mov rdi,[rsp]
      4881c7{registers}        ; add rdi,registers
      48b8{page}               ; movabs rax,page
      ffd0                     ; call rax
      488b7c2440               ; mov rdi,[rsp+0x40]
      4531db                   ; xor r11d,r11d
      483b4750                 ; cmp rax,[rdi+0x50]
      5f                       ; pop rdi   <compared>
      5f                       ; pop rdi
      5e                       ; pop rsi
      5a                       ; pop rdx
      59                       ; pop rcx
      4158                     ; pop r8
      4159                     ; pop r9
      415a                     ; pop r10
      58                       ; pop rax
      7518                     ; jne miss
      4983fbff                 ; cmp r11,0xffffffffffffffff
      7405                     ; je nothing
      49894208                 ; mov [r10+0x8],rax
      c3                       ; ret
      31c0                     ; xor eax,eax   <nothing>
      c3                       ; ret
      e84e000000               ; call doubt   <cleared>
      e9edfeffff               ; jmp find
      56                       ; push rsi   <miss>
      4151                     ; push r9
      4883ec08                 ; sub rsp,0x8
      48b8{lookup}             ; movabs rax,lookup
      ffd0                     ; call rax
      4883c408                 ; add rsp,0x8
      4159                     ; pop r9
      5e                       ; pop rsi
      e82a000000               ; call doubt
      4885c0                   ; test rax,rax
      7424                     ; je done
      410f1001                 ; movups xmm0,XMMword [r9]
      410f104910               ; movups xmm1,XMMword [r9+0x10]
      410f105120               ; movups xmm2,XMMword [r9+0x20]
      410f114110               ; movups XMMword [r9+0x10],xmm0
      410f114920               ; movups XMMword [r9+0x20],xmm1
      410f115130               ; movups XMMword [r9+0x30],xmm2
      498931                   ; mov [r9],rsi
      49894108                 ; mov [r9+0x8],rax
      c3                       ; ret   <done>
      4983490801               ; or [r9+0x8],0x1   <doubt>
      4983491801               ; or [r9+0x18],0x1
      4983492801               ; or [r9+0x28],0x1
      4983493801               ; or [r9+0x38],0x1
      c3                       ; ret
      """;

  /** {@code void f(TCGContext *)}. */
  private static final String RESET =
      """
      48ba{table}              ; movabs rdx,table   <start>
      be04000000               ; mov esi,0x4
      48397a10                 ; cmp [rdx+0x10],rdi   <owner>
      740a                     ; je own
      4883c220                 ; add rdx,0x20
      ffce                     ; dec esi
      75f2                     ; jne owner
      eb10                     ; jmp go
      57                       ; push rdi   <own>
      488b7a08                 ; mov rdi,[rdx+0x8]
      b9{words}                ; mov ecx,words
      31c0                     ; xor eax,eax
      f348ab                   ; rep stos es:[rdi],rax
      5f                       ; pop rdi
      48b8{reset}              ; movabs rax,reset   <go>
      ffe0                     ; jmp rax
      """;

  private final MemorySegment owners = HostMemory.map(4096);
  private final Context context;

  private JumpCache(Context context) {
    this.context = context;
  }

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
    String hex = hex(helper, WINDOW);
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

  /** Where the engine has its {@code TCGContext}, from the code of {@code tb_htable_lookup}. */
  private record Context(int engine, int context) {
    static Optional<Context> of(long lookup) {
      Matcher found = CONTEXT.matcher(hex(lookup, 2 * WINDOW));
      return found.find() && found.start() % 2 == 0
          ? Optional.of(new Context(little(found.group(1)), little(found.group(2))))
          : Optional.empty();
    }

    private static int little(String digits) {
      return Integer.reverseBytes(Integer.parseUnsignedInt(digits, 16));
    }

    long ofCpu(long cpu) {
      return HostMemory.getLong(HostMemory.getLong(cpu + engine) + context);
    }
  }

  /**
   * A cache for the library whose {@code tb_htable_lookup} is at {@code lookup}; nothing unless
   * that and its comparison look as they should.
   */
  static Optional<JumpCache> behind(long lookup) {
    if (lookup == 0 || !comparesPages(lookup)) {
      return Optional.empty();
    }
    return Context.of(lookup).map(JumpCache::new);
  }

  /** Whether a block has the addresses of its pages where the code here looks for them. */
  private static boolean comparesPages(long lookup) {
    Matcher load = COMPARISON.matcher(hex(lookup, WINDOW));
    if (!load.find() || load.start() % 2 != 0) {
      return false;
    }
    long next = lookup + load.end() / 2;
    String code = hex(next + HostMemory.getInt(next - Integer.BYTES), WINDOW / 2);
    return FIRST_PAGE.matcher(code).find() && SECOND_PAGE.matcher(code).find();
  }

  private static String hex(long address, int length) {
    byte[] code = new byte[length];
    for (int i = 0; i < length; i++) {
      code[i] = HostMemory.getByte(address + i);
    }
    return HexFormat.of().formatHex(code);
  }

  /**
   * In place of {@code tb_htable_lookup}.
   *
   * @param lookup its address
   * @param page address of {@code get_page_addr_code}
   * @param places where the engine's cache begins, from {@code CPUState}
   * @param state offset of {@code CPUState} from the CPU's registers
   */
  byte[] before(long lookup, long page, int places, int state) {
    return new Listing(LOOKUP)
        .set("table", owners.address())
        .set("lookup", lookup)
        .set("page", page)
        .set("places", places)
        .set("registers", -state)
        .bytes();
  }

  /** In place of {@code tcg_region_reset_all}, which is at {@code reset}. */
  byte[] beforeReset(long reset) {
    return new Listing(RESET)
        .set("table", owners.address())
        .set("words", (int) (BYTES / Long.BYTES))
        .set("reset", reset)
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
        HostMemory.putLong(owner + 2 * Long.BYTES, context.ofCpu(cpu));
        HostMemory.putLong(owner, cpu);
        return () -> release(owner, blocks);
      }
    }
    return () -> {};
  }

  private synchronized void release(long owner, MemorySegment blocks) {
    HostMemory.putLong(owner, 0);
    HostMemory.putLong(owner + 2 * Long.BYTES, 0);
    HostMemory.unmap(blocks);
  }
}
