package dev.monoceros.virtio;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The rules of the conformance checklist (docs) that a test proves, by number. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Must {
  /** Numbers in the checklist; {@link #BAD_CHAIN} for its rule without a number. */
  int[] value();

  /** A bad chain: its head still comes back, or NEEDS_RESET; never a hang. */
  int BAD_CHAIN = 100;

  /** An available index that jumps is an error, not a loop. */
  int AVAIL_JUMP = 101;

  /** A request of unknown type is answered UNSUPP. */
  int UNKNOWN_TYPE = 102;
}
