package dev.monoceros.unicorn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.Oracles;
import dev.monoceros.images.PackageCache;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The x86-64 code runs in every other test; here the aarch64 code runs under qemu-user. */
class BudgetStubTest {
  private static final long LOAD_ADDRESS = 0x400000;
  private static final int HEADERS = 64 + 56;
  private static final int PASSED = 42;
  private static final int STUB = 0x140;

  /**
   * Sets a budget of 1000 and calls the stub with 300 (and rubbish above bit 31), 300, 400 and 1:
   * the counter must go 700, ..., 0 without and then to -1 with a call of "slow", which leaves 77
   * in x11. RF must be cleared in the flags, and nothing else. Ends with exit code 42, or 1.
   */
  private static final int[] PROGRAM = {
    0x10000803, // adr x3, cell
    0xd2807d09, // mov x9, #1000
    0xf9000069, // str x9, [x3]
    0x10000549, // adr x9, slow
    0xf9000469, // str x9, [x3, #8]
    0xd280404c, // mov x12, #0x202
    0xf2a000ac, // movk x12, #5, lsl #16 (RF and one more)
    0xf900146c, // str x12, [x3, #40]
    0x9100a06d, // add x13, x3, #40
    0xf900106d, // str x13, [x3, #32]
    0xd2800000, // mov x0, #0
    0xd2800001, // mov x1, #0
    0x52802582, // mov w2, #300
    0xf2dbd5a2, // movk x2, #0xdead, lsl #32
    0x1000084a, // adr x10, stub
    0xd63f0140, // blr x10
    0xf940146c, // ldr x12, [x3, #40]
    0xd280404d, // mov x13, #0x202
    0xf2a0008d, // movk x13, #4, lsl #16
    0xeb0d019f, // cmp x12, x13
    0x540002c1, // b.ne fail
    0xf9400069, // ldr x9, [x3]
    0xf10af13f, // cmp x9, #700
    0x54000261, // b.ne fail
    0xd2802582, // mov x2, #300
    0xd63f0140, // blr x10
    0xd2803202, // mov x2, #400
    0xd63f0140, // blr x10
    0xf9400069, // ldr x9, [x3]
    0xf100013f, // cmp x9, #0
    0x54000181, // b.ne fail
    0xd2800022, // mov x2, #1
    0xd280000b, // mov x11, #0
    0xd63f0140, // blr x10
    0xf101357f, // cmp x11, #77
    0x540000e1, // b.ne fail
    0xf9400069, // ldr x9, [x3]
    0xb100053f, // cmn x9, #1
    0x54000081, // b.ne fail
    0xd2800540, // mov x0, #42
    0xd2800ba8, // mov x8, #93 (exit)
    0xd4000001, // svc #0
    0xd2800020, // fail: mov x0, #1
    0xd2800ba8, // mov x8, #93
    0xd4000001, // svc #0
    0xd28009ab, // slow: mov x11, #77
    0xd65f03c0, // ret
  };

  @TempDir Path temp;

  @Test
  void aarch64CodeCountsAndCallsWhenOverdrawn() throws IOException, InterruptedException {
    PackageCache cache = PackageCache.open(CacheOptions.defaults());
    Optional<String> missing = Oracles.missing(cache);
    missing.ifPresent(reason -> System.out.println("ORACLES MISSING: " + reason));
    assumeThat(missing).isEmpty();
    Path program = temp.resolve("stub");
    Files.write(program, elf(BudgetStub.forHost("aarch64")));
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Process process =
        cache.oracles().qemuAarch64().process(program.toString()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isEqualTo(PASSED);
  }

  @Test
  void hostsWithoutAnEncodingHaveNone() {
    assertThat(BudgetStub.forHost("riscv64")).isNull();
  }

  /** A static aarch64 program of one segment, readable, writable and executable. */
  private static byte[] elf(byte[] stub) {
    ByteBuffer elf = ByteBuffer.allocate(HEADERS + STUB + stub.length);
    elf.order(ByteOrder.LITTLE_ENDIAN);
    elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).position(16);
    elf.putShort((short) 2).putShort((short) 183).putInt(1); // ET_EXEC, EM_AARCH64
    elf.putLong(LOAD_ADDRESS + HEADERS).putLong(64).putLong(0).putInt(0);
    elf.putShort((short) 64).putShort((short) 56).putShort((short) 1);
    elf.position(64);
    elf.putInt(1).putInt(7).putLong(0).putLong(LOAD_ADDRESS).putLong(LOAD_ADDRESS);
    elf.putLong(elf.capacity()).putLong(elf.capacity()).putLong(4096);
    for (int instruction : PROGRAM) {
      elf.putInt(instruction);
    }
    elf.position(HEADERS + STUB);
    elf.put(stub);
    return elf.array();
  }
}
