package dev.monoceros.machine.chipset.acpi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.bus.InterruptLine;
import dev.monoceros.machine.bus.MmioSlot;
import dev.monoceros.machine.chipset.SerialPort;
import dev.monoceros.machine.pci.IntxRouter;
import dev.monoceros.machine.pci.MmioWindow;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AcpiTablesTest {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int CONTROL_BLOCK = 64;
  private static final int FADT_LENGTH = 276;

  private static final AcpiConfig CONFIG =
      new AcpiConfig(
          AcpiConfig.DEFAULT_BASE,
          MmioWindow.DEFAULT,
          new IntxRouter(List.of(10, 11), irq -> InterruptLine.unconnected()),
          List.of(new MmioSlot(0xfed5_0000L, 0x200, 5), new MmioSlot(0xfed5_0200L, 0x200, 5)),
          new TreeSet<>(List.of(SerialPort.values())));
  private final AcpiTables tables = AcpiTables.build(CONFIG);

  @TempDir Path directory;

  @Test
  void theRsdpLiesWhereOperatingSystemsSearchAndBothItsChecksumsAreZero() {
    assertThat(tables.rsdpAddress()).isBetween(0xe0000L, 0xfffffL);
    assertThat(tables.rsdpAddress() % 16).isZero();
    byte[] rsdp = bytes(tables.rsdpAddress(), 36);
    assertThat(new String(rsdp, 0, 8, StandardCharsets.US_ASCII)).isEqualTo("RSD PTR ");
    assertThat(sum(rsdp, 20)).isZero();
    assertThat(sum(rsdp, 36)).isZero();
  }

  @Test
  void everyTableThatTheRsdpLeadsToHasItsSignatureAndAZeroSum() {
    long rsdt = u32(tables.rsdpAddress() + 16);
    long xsdt = u64(tables.rsdpAddress() + 24);
    assertThat(table("RSDT", rsdt)).hasSize(36 + 5 * 4);
    assertThat(table("XSDT", xsdt)).hasSize(36 + 5 * 8);
    long fadt = u64(xsdt + 36);
    assertThat(u32(rsdt + 36)).isEqualTo(fadt);
    assertThat(table("FACP", fadt)).hasSize(FADT_LENGTH);
    table("DSDT", u32(fadt + 40));
    for (int i = 0; i < 5; i++) {
      assertThat(u32(rsdt + 36 + 4 * i)).isEqualTo(u64(xsdt + 36 + 8 * i));
    }
    assertThat(table("HPET", listed("HPET"))).hasSize(56);
    assertThat(table("SPCR", listed("SPCR"))).hasSize(80);
    assertThat(u64(fadt + 140)).isEqualTo(u32(fadt + 40));
  }

  @Test
  void theFacsIsAlignedTo64BytesAndNamedOnlyOnce() {
    long fadt = u64(u64(tables.rsdpAddress() + 24) + 36);
    long facs = u32(fadt + 36);
    assertThat(facs % 64).isZero();
    assertThat(new String(bytes(facs, 4), StandardCharsets.US_ASCII)).isEqualTo("FACS");
    assertThat(u32(facs + 4)).isEqualTo(64);
    assertThat(u64(fadt + 132)).as("X_FIRMWARE_CTRL").isZero();
  }

  @Test
  void theSameConfigurationGivesTheSameBytes() {
    assertThat(AcpiTables.build(CONFIG).image().mismatch(tables.image())).isEqualTo(-1);
  }

  @Test
  void theTablesFitBelowOneMebibyte() {
    assertThat(tables.base() + tables.image().byteSize()).isLessThan(0x100000);
  }

  /**
   * Oracle: the disassembler of ACPICA, which reads every field, and its compiler, which checks the
   * AML's meaning.
   */
  @Test
  void acpicaDisassemblesTheTablesAndCompilesTheDsdtWithoutAComplaint() throws Exception {
    Acpica.require();
    Path dsdt = write("dsdt", dsdtAddress());
    Path fadt = write("facp", u64(u64(tables.rsdpAddress() + 24) + 36));
    assertThat(Acpica.iasl(directory, "-d", dsdt.toString()))
        .doesNotContainIgnoringCase("error")
        .doesNotContainIgnoringCase("warning");
    assertThat(Acpica.iasl(directory, "-d", fadt.toString()))
        .doesNotContainIgnoringCase("error")
        .doesNotContainIgnoringCase("warning");
    String compiled =
        Acpica.iasl(
            directory,
            "-p",
            directory.resolve("again").toString(),
            directory.resolve("dsdt.dsl").toString());
    assertThat(compiled).contains("0 Errors, 0 Warnings, 0 Remarks");
    String listing = Files.readString(directory.resolve("facp.dsl"));
    assertThat(listing)
        .contains("Hardware Reduced (V5) : 0")
        .containsPattern("SCI Interrupt : 0009")
        .containsPattern("SMI Command Port : 00000000")
        .containsPattern("VGA Not Present \\(V4\\) : 1")
        .containsPattern("8042 Present on ports 60/64 \\(V2\\) : 0")
        .containsPattern("MSI Not Supported \\(V4\\) : 0")
        .containsPattern("Reset Register Supported \\(V2\\) : 1")
        .containsPattern("Value to cause reset : 06")
        .containsPattern("RTC Century Index : 32")
        .containsPattern("32-bit PM Timer \\(V1\\) : 1")
        .containsPattern("Control Method Power Button \\(V1\\) : 0");
  }

  @Test
  void acpicaReadsTheEventTimersAndTheConsolePort() throws Exception {
    Acpica.require();
    Path hpet = write("hpet", listed("HPET"));
    assertThat(Acpica.iasl(directory, "-d", hpet.toString()))
        .doesNotContainIgnoringCase("error")
        .doesNotContainIgnoringCase("warning");
    assertThat(Files.readString(directory.resolve("hpet.dsl")))
        .containsPattern("Hardware Block ID : 8086A201")
        .containsPattern("Address : 00000000FED00000");
    Path spcr = write("spcr", listed("SPCR"));
    assertThat(Acpica.iasl(directory, "-d", spcr.toString()))
        .doesNotContainIgnoringCase("error")
        .doesNotContainIgnoringCase("warning");
    assertThat(Files.readString(directory.resolve("spcr.dsl")))
        .containsPattern("Space ID : 01 \\[SystemIO]")
        .containsPattern("Address : 00000000000003F8")
        .containsPattern("PCAT-compatible IRQ : 04")
        .containsPattern("Baud Rate : 07");
  }

  @Test
  void acpicaDecodesTheResourcesOfEventTimersAndVirtioDevices() throws Exception {
    Acpica.require();
    Path dsdt = write("dsdt", dsdtAddress());
    Acpica.iasl(directory, "-d", dsdt.toString());
    assertThat(Files.readString(directory.resolve("dsdt.dsl")).replaceAll("\\s+", " "))
        .contains("Memory32Fixed (ReadWrite, 0xFED00000, // Address Base 0x00000400,")
        .contains("Device (COM2) { Name (_HID, EisaId (\"PNP0501\")")
        .contains("Device (COM3) {", "IO (Decode16, 0x03E8, // Range Minimum")
        .contains("Device (COM4) {", "IO (Decode16, 0x02E8, // Range Minimum")
        .contains("Device (PEVT) { Name (_HID, \"QEMU0001\"")
        .contains("IO (Decode16, 0x0505, // Range Minimum 0x0505, // Range Maximum")
        .contains("Device (VR01) { Name (_HID, \"LNRO0005\"")
        .contains("Memory32Fixed (ReadWrite, 0xFED50200, // Address Base 0x00000200,")
        .containsPattern(
            "Interrupt \\(ResourceConsumer, Level, ActiveHigh, Shared, ,, \\) \\{ 0x00000005, }");
  }

  /** Oracle: ACPICA's interpreter, the same code as in Linux. */
  @Test
  void acpicaEvaluatesSoftOffAndTheInterruptRouting() throws Exception {
    Acpica.require();
    Path dsdt = write("dsdt", dsdtAddress());
    String s5 = Acpica.evaluate(directory, dsdt, "\\_S5");
    assertThat(s5.replaceAll("\\s+", " "))
        .contains(
            "[Package] Contains 4 Elements: [Integer] = 0000000000000005 [Integer] = 0000000000000005");
    String routing = Acpica.evaluate(directory, dsdt, "\\_SB.PCI0._PRT").replaceAll("\\s+", " ");
    assertThat(routing).contains("[Package] Contains 124 Elements");
    // Slot 1 pin A is IRQ 11, slot 2 pin A is IRQ 10.
    assertThat(routing)
        .contains(
            "= 000000000001FFFF [Integer] = 0000000000000000 [Integer] = 0000000000000000 [Integer] = 000000000000000B");
    assertThat(routing)
        .contains(
            "= 000000000002FFFF [Integer] = 0000000000000000 [Integer] = 0000000000000000 [Integer] = 000000000000000A");
  }

  /** The table of that signature in the XSDT. */
  private long listed(String signature) {
    long xsdt = u64(tables.rsdpAddress() + 24);
    for (long at = xsdt + 36; at < xsdt + u32(xsdt + 4); at += 8) {
      if (new String(bytes(u64(at), 4), StandardCharsets.US_ASCII).equals(signature)) {
        return u64(at);
      }
    }
    throw new AssertionError("no table " + signature);
  }

  private long dsdtAddress() {
    return u32(u64(u64(tables.rsdpAddress() + 24) + 36) + 40);
  }

  private Path write(String name, long address) throws Exception {
    return Files.write(directory.resolve(name + ".dat"), bytes(address, (int) u32(address + 4)));
  }

  private byte[] table(String signature, long address) {
    byte[] table = bytes(address, (int) u32(address + 4));
    assertThat(new String(table, 0, 4, StandardCharsets.US_ASCII)).isEqualTo(signature);
    assertThat(sum(table, table.length)).as("sum of " + signature).isZero();
    return table;
  }

  private byte[] bytes(long address, int length) {
    return at(address).asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
  }

  private long u32(long address) {
    return at(address).get(INT, 0) & 0xffff_ffffL;
  }

  private long u64(long address) {
    return at(address).get(LONG, 0);
  }

  private MemorySegment at(long address) {
    return tables.image().asSlice(address - tables.base());
  }

  private static int sum(byte[] bytes, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += bytes[i];
    }
    return sum & 0xff;
  }

  @Test
  void aControlBlockIsWhereTheFadtSays() {
    long fadt = u64(u64(tables.rsdpAddress() + 24) + 36);
    assertThat(u32(fadt + CONTROL_BLOCK)).isEqualTo(0x604);
    assertThat(u64(fadt + 116 + 4)).as("reset register address").isEqualTo(0xcf9);
  }
}
