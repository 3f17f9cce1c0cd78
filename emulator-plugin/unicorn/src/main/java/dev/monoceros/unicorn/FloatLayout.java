package dev.monoceros.unicorn;

/**
 * Where one build of libunicorn keeps its floating-point state: byte offsets from the start of the
 * state structure. Found by {@link FloatProbe}, never assumed.
 *
 * @param x87Word the status word, 16 bits, and behind it the control word
 * @param x87Status what the engine's arithmetic keeps for the x87: see {@link #RAISED}
 * @param sseStatus the same for SSE
 * @param mxcsr MXCSR
 */
record FloatLayout(int x87Word, int x87Status, int sseStatus, int mxcsr) {
  /** Byte of a status: exceptions so far, with the bits of the x87's status word. */
  static final int RAISED = 2;

  /** Byte of a status: the x87's precision in bits; 0 in the status of SSE. */
  static final int PRECISION = 3;

  static final int CONTROL_WORD = 2;
}
