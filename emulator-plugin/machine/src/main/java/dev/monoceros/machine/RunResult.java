package dev.monoceros.machine;

import java.util.List;
import java.util.OptionalInt;

/**
 * How a run ended and what it did.
 *
 * @param verdict the kind of end
 * @param detail one sentence: what happened
 * @param debugExit the value written to the debug-exit port, if that ended the run
 * @param virtualNanos virtual time since power-on, ns
 * @param boots how often the machine was started: 1 and one more for every reset that was followed
 * @param consoleBytes bytes the guest sent on its serial port
 * @param deterministic whether the same inputs give the same run
 * @param library version of libunicorn
 * @param cpu what the CPU did, all boots together
 * @param disks what each disk did
 */
public record RunResult(
    Verdict verdict,
    String detail,
    OptionalInt debugExit,
    long virtualNanos,
    int boots,
    long consoleBytes,
    boolean deterministic,
    String library,
    CpuStats cpu,
    List<DiskStats> disks) {}
