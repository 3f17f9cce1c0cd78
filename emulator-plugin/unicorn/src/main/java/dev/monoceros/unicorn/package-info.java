/**
 * A small, typed binding of the Unicorn CPU emulator (x86-64 only) over {@code java.lang.foreign}.
 *
 * <p>Start at {@link dev.monoceros.unicorn.UnicornLibrary}, which finds and checks a libunicorn,
 * and {@link dev.monoceros.unicorn.Engine}, one CPU. {@link dev.monoceros.unicorn.CpuState} gives
 * direct access to the CPU's registers where the public API falls short (hidden segment state,
 * CPL).
 *
 * <p>Constants follow {@code unicorn/unicorn.h} and {@code unicorn/x86.h} of Unicorn 2.1.
 */
package dev.monoceros.unicorn;
