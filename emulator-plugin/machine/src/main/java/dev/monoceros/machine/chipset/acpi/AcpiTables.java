package dev.monoceros.machine.chipset.acpi;

import java.lang.foreign.MemorySegment;
import java.util.List;

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
   * Builds RSDP, RSDT, XSDT, FADT, FACS, DSDT, HPET and SPCR with right checksums. The same
   * configuration gives the same bytes.
   */
  public static AcpiTables build(AcpiConfig config) {
    byte[] dsdt = table("DSDT", DSDT_REVISION, Dsdt.aml(config));
    long rsdpAt = config.base();
    long facsAt = align(rsdpAt + RSDP_LENGTH);
    long dsdtAt = align(facsAt + FACS_LENGTH);
    long fadtAt = align(dsdtAt + dsdt.length);
    List<byte[]> listed =
        List.of(
            table("FACP", Fadt.REVISION, Fadt.body(facsAt, dsdtAt)),
            table(HpetTable.SIGNATURE, HpetTable.REVISION, HpetTable.body()),
            table(Spcr.SIGNATURE, Spcr.REVISION, Spcr.body()));
    Bytes rsdtBody = new Bytes();
    Bytes xsdtBody = new Bytes();
    long[] places = new long[listed.size()];
    long free = align(dsdtAt + dsdt.length);
    for (int i = 0; i < places.length; i++) {
      places[i] = free;
      free = align(free + listed.get(i).length);
      rsdtBody.u32(places[i]);
      xsdtBody.u64(places[i]);
    }
    byte[] rsdt = table("RSDT", 1, rsdtBody.toByteArray());
    long xsdtAt = align(free + rsdt.length);
    byte[] xsdt = table("XSDT", 1, xsdtBody.toByteArray());

    MemorySegment image =
        MemorySegment.ofArray(new byte[(int) (align(xsdtAt + xsdt.length) - config.base())]);
    put(image, config.base(), rsdpAt, rsdp(free, xsdtAt));
    put(image, config.base(), facsAt, facs());
    put(image, config.base(), dsdtAt, dsdt);
    for (int i = 0; i < places.length; i++) {
      put(image, config.base(), places[i], listed.get(i));
    }
    put(image, config.base(), free, rsdt);
    put(image, config.base(), xsdtAt, xsdt);
    return new AcpiTables(config.base(), image.asReadOnly(), rsdpAt);
  }

  private static void put(MemorySegment image, long base, long address, byte[] table) {
    image.asSlice(address - base, table.length).copyFrom(MemorySegment.ofArray(table));
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
