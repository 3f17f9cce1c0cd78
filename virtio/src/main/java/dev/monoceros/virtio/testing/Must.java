package dev.monoceros.virtio.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The rules that a test proves, by their numbers in docs/virtio-conformance.md. The table there is
 * made of these annotations, and for each number the build runs devices that violate the rule and
 * requires one of its tests to fail.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Must {
  /** Numbers in the checklist, or one of the constants below for its rules without a number. */
  int[] value();

  /** A bad chain: its head still comes back, or NEEDS_RESET; never a hang. */
  int BAD_CHAIN = 100;

  /** An available index that jumps is an error, not a loop. */
  int AVAIL_JUMP = 101;

  /** A request of unknown type is answered UNSUPP. */
  int UNKNOWN_TYPE = 102;
}
