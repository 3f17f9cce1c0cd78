package dev.monoceros.machine.chipset.acpi;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The finished tables.
 *
 * @param base physical address at which {@code image} must lie
 * @param image all tables, read-only
 * @param rsdpAddress physical address of the root system description pointer, for the kernel
 */
public record AcpiTables(long base, MemorySegment image, long rsdpAddress) {
  private static final int RSDP_LENGTH = 36;
  private static final int RSDP_V1_LENGTH = 20;
  private static final int RSDP_REVISION = 2;
  private static final int RSDP_CHECKSUM = 8;
  private static final int RSDP_EXTENDED_CHECKSUM = 32;
  private static final int HEADER_LENGTH = 36;
  private static final int HEADER_CHECKSUM = 9;
  private static final int FACS_LENGTH = 64;
  private static final int FACS_VERSION = 2;
  private static final int ALIGNMENT = 64;
  private static final String OEM = "MONOC";
  private static final String OEM_TABLE = "MONOPC";
  private static final int DSDT_REVISION = 2;

  /**
   * Builds RSDP, RSDT, XSDT, FADT, FACS, DSDT, MADT and MCFG with right checksums. The same
   * configuration gives the same bytes.
   */
  public static AcpiTables build(AcpiConfig config) {
    Placement placement = new Placement(config.base());
    long rsdpAt = placement.next(RSDP_LENGTH);
    long facsAt = placement.add(facs());
    long dsdtAt = placement.add(table("DSDT", DSDT_REVISION, Dsdt.aml(config)));
    List<byte[]> listed =
        List.of(
            table("FACP", Fadt.REVISION, Fadt.body(facsAt, dsdtAt)),
            table("APIC", Madt.REVISION, Madt.body()),
            table("MCFG", Mcfg.REVISION, Mcfg.body()));
    Bytes addresses32 = new Bytes();
    Bytes addresses64 = new Bytes();
    for (byte[] one : listed) {
      long at = placement.add(one);
      addresses32.u32(at);
      addresses64.u64(at);
    }
    long rsdtAt = placement.add(table("RSDT", 1, addresses32.toByteArray()));
    long xsdtAt = placement.add(table("XSDT", 1, addresses64.toByteArray()));
    placement.put(rsdpAt, rsdp(rsdtAt, xsdtAt));
    return new AcpiTables(config.base(), placement.image().asReadOnly(), rsdpAt);
  }

  /** Puts tables one after the other, each at a multiple of 64 bytes. */
  private static final class Placement {
    private final long base;
    private final SortedMap<Long, byte[]> tables = new TreeMap<>();
    private long end;

    Placement(long base) {
      this.base = base;
      this.end = base;
    }

    /** Room for a table that is still to be made. */
    long next(int length) {
      long at = end;
      end = align(at + length);
      return at;
    }

    long add(byte[] table) {
      long at = next(table.length);
      put(at, table);
      return at;
    }

    void put(long at, byte[] table) {
      tables.put(at, table);
    }

    MemorySegment image() {
      MemorySegment image = MemorySegment.ofArray(new byte[(int) (end - base)]);
      tables.forEach(
          (at, table) ->
              image.asSlice(at - base, table.length).copyFrom(MemorySegment.ofArray(table)));
      return image;
    }
  }

  /** Section 5.2.5.3. The first checksum covers what ACPI 1.0 knew. */
  private static byte[] rsdp(long rsdt, long xsdt) {
    byte[] rsdp =
        new Bytes()
            .text("RSD PTR ", 8)
            .u8(0)
            .text(OEM, 6)
            .u8(RSDP_REVISION)
            .u32(rsdt)
            .u32(RSDP_LENGTH)
            .u64(xsdt)
            .u8(0)
            .zeroes(3)
            .toByteArray();
    rsdp[RSDP_CHECKSUM] = Bytes.checksum(rsdp, 0, RSDP_V1_LENGTH);
    rsdp[RSDP_EXTENDED_CHECKSUM] = Bytes.checksum(rsdp, 0, RSDP_LENGTH);
    return rsdp;
  }

  /** Section 5.2.10: no checksum, 64-byte alignment. */
  private static byte[] facs() {
    return new Bytes()
        .text("FACS", 4)
        .u32(FACS_LENGTH)
        .zeroes(24)
        .u8(FACS_VERSION)
        .zeroes(31)
        .toByteArray();
  }

  /** Section 5.2.6: the common header. */
  private static byte[] table(String signature, int revision, byte[] body) {
    byte[] table =
        new Bytes()
            .text(signature, 4)
            .u32(HEADER_LENGTH + (long) body.length)
            .u8(revision)
            .u8(0)
            .text(OEM, 6)
            .text(OEM_TABLE, 8)
            .u32(1)
            .text("MONO", 4)
            .u32(1)
            .put(body)
            .toByteArray();
    table[HEADER_CHECKSUM] = Bytes.checksum(table, 0, table.length);
    return table;
  }

  private static long align(long address) {
    return (address + ALIGNMENT - 1) & -ALIGNMENT;
  }
}
