/**
 * The ACPI tables that tell the guest what this PC is made of (ACPI 6.3): RSDP, RSDT, XSDT, FADT,
 * FACS, HPET, SPCR and a DSDT assembled by hand.
 *
 * <p>Start at {@link dev.monoceros.machine.chipset.acpi.AcpiTables}.
 */
package dev.monoceros.machine.chipset.acpi;
