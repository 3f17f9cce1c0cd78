package dev.monoceros.qcow.codec;

import java.util.Arrays;

/**
 * A prefix code for counted symbols (RFC 1951, 3.2.2): minimum redundancy, no code longer than the
 * limit. Symbols that do not occur have length 0. Allocates nothing after construction.
 */
final class HuffmanCode {
  /** Longest alphabet in deflate has 286 symbols. */
  private static final int SYMBOL_BITS = 9;

  private final int maxLength;
  final int[] counts;
  final byte[] lengths;

  /** Codes with their bits reversed: deflate packs them most significant bit first. */
  final int[] codes;

  private final int[] keys;
  private final int[] nodes;
  private final int[] perLength;
  private final int[] nextCode;

  HuffmanCode(int symbols, int maxLength) {
    this.maxLength = maxLength;
    counts = new int[symbols];
    lengths = new byte[symbols];
    codes = new int[symbols];
    keys = new int[symbols];
    nodes = new int[symbols];
    perLength = new int[Math.max(symbols, maxLength + 1)];
    nextCode = new int[maxLength + 1];
  }

  void clearCounts() {
    Arrays.fill(counts, 0);
  }

  /** One more than the last symbol that has a code, at least {@code least}. */
  int used(int least) {
    int end = lengths.length;
    while (end > least && lengths[end - 1] == 0) {
      end--;
    }
    return end;
  }

  /** Bits that all counted symbols take, without extra bits. */
  long cost() {
    long bits = 0;
    for (int i = 0; i < counts.length; i++) {
      bits += (long) counts[i] * lengths[i];
    }
    return bits;
  }

  /** Makes the code for {@link #counts}; at least two symbols get one, as inflaters demand. */
  void build() {
    int n = sortSymbols();
    for (int symbol = 0; n < 2; symbol++) {
      if (counts[symbol] == 0) {
        counts[symbol] = 1;
        n = sortSymbols();
      }
    }
    for (int i = 0; i < n; i++) {
      nodes[i] = keys[i] >>> SYMBOL_BITS;
    }
    minimumRedundancy(nodes, n);
    limitLengths(n);
    assignLengths(n);
    assignCodes();
  }

  /** Symbols in rising order of their counts, into {@link #keys}. */
  private int sortSymbols() {
    int n = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] != 0) {
        keys[n++] = counts[i] << SYMBOL_BITS | i;
      }
    }
    Arrays.sort(keys, 0, n);
    return n;
  }

  /**
   * From rising weights to falling depths in place: A. Moffat, J. Katajainen, "In-Place Calculation
   * of Minimum-Redundancy Codes" (1995). First parents, then their depths, then the leaves'.
   */
  private static void minimumRedundancy(int[] a, int n) {
    a[0] += a[1];
    int root = 0;
    int leaf = 2;
    for (int next = 1; next < n - 1; next++) {
      if (leaf >= n || a[root] < a[leaf]) {
        a[next] = a[root];
        a[root++] = next;
      } else {
        a[next] = a[leaf++];
      }
      if (leaf >= n || (root < next && a[root] < a[leaf])) {
        a[next] += a[root];
        a[root++] = next;
      } else {
        a[next] += a[leaf++];
      }
    }
    a[n - 2] = 0;
    for (int next = n - 3; next >= 0; next--) {
      a[next] = a[a[next]] + 1;
    }
    int available = 1;
    int depth = 0;
    int node = n - 2;
    int next = n - 1;
    while (available > 0) {
      int inner = 0;
      while (node >= 0 && a[node] == depth) {
        inner++;
        node--;
      }
      for (; available > inner; available--) {
        a[next--] = depth;
      }
      available = 2 * inner;
      depth++;
    }
  }

  /** Cuts what is too long, then lengthens shorter codes until the Kraft sum is 1 again. */
  private void limitLengths(int n) {
    Arrays.fill(perLength, 0);
    for (int i = 0; i < n; i++) {
      perLength[Math.min(nodes[i], maxLength)]++;
    }
    long sum = 0;
    for (int length = 1; length <= maxLength; length++) {
      sum += (long) perLength[length] << (maxLength - length);
    }
    for (; sum > 1L << maxLength; sum--) {
      perLength[maxLength]--;
      int length = maxLength - 1;
      while (perLength[length] == 0) {
        length--;
      }
      perLength[length]--;
      perLength[length + 1] += 2;
    }
  }

  private void assignLengths(int n) {
    Arrays.fill(lengths, (byte) 0);
    int at = 0;
    for (int length = maxLength; length > 0; length--) {
      for (int i = 0; i < perLength[length]; i++) {
        lengths[keys[at++] & ((1 << SYMBOL_BITS) - 1)] = (byte) length;
      }
    }
    assert at == n;
  }

  /** Canonical codes, 3.2.2, from {@link #lengths}. */
  void assignCodes() {
    Arrays.fill(nextCode, 0);
    for (byte length : lengths) {
      if (length != 0) {
        nextCode[length]++;
      }
    }
    int code = 0;
    for (int length = 1; length <= maxLength; length++) {
      int count = nextCode[length];
      code <<= 1;
      nextCode[length] = code;
      code += count;
    }
    for (int i = 0; i < lengths.length; i++) {
      int length = lengths[i];
      if (length != 0) {
        codes[i] = Integer.reverse(nextCode[length]++) >>> (Integer.SIZE - length);
      }
    }
  }
}
