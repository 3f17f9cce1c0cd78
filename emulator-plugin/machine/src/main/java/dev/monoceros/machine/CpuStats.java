package dev.monoceros.machine;

/**
 * What the CPU did. Equal for equal runs.
 *
 * @param codeBytes bytes of guest code executed, counted by blocks
 * @param interrupts external interrupts delivered
 * @param exceptions exceptions and software interrupts delivered, page faults included
 * @param pageFaults page faults delivered
 * @param systemCalls SYSCALL instructions
 * @param halts HLT instructions that waited
 * @param tlbFills misses of the software TLB
 * @param tlbFlushes flushes of it for the sake of changed code
 * @param codeDrops pages whose translated code was dropped
 * @param unclaimedReads bus reads that no device answered
 * @param unclaimedWrites bus writes that no device took
 */
public record CpuStats(
    long codeBytes,
    long interrupts,
    long exceptions,
    long pageFaults,
    long systemCalls,
    long halts,
    long tlbFills,
    long tlbFlushes,
    long codeDrops,
    long unclaimedReads,
    long unclaimedWrites) {}
