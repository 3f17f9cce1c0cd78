package dev.monoceros.qcow;

/**
 * An internal snapshot, section "Snapshots".
 *
 * @param id a unique number as text
 * @param name given by the user
 * @param vmStateSize bytes of machine state kept with it
 * @param seconds when it was taken, since 1970 UTC
 * @param nanoseconds of that second
 * @param vmClockNanos guest time when it was taken
 * @param instructionCount of the guest, or -1 if not recorded
 * @param diskSize in bytes when it was taken
 */
public record Snapshot(
    String id,
    String name,
    long vmStateSize,
    long seconds,
    int nanoseconds,
    long vmClockNanos,
    long instructionCount,
    long diskSize) {}
