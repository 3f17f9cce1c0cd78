package dev.monoceros.qcow.copy;

import dev.monoceros.qcow.Progress;

/** Told what happens during a copy, on the thread that asked for it. */
public interface CopyListener extends Progress {
  /** Listens to nothing, and lets the copy leave out what is done for progress only. */
  CopyListener NONE =
      new CopyListener() {
        @Override
        public void at(long done, long total) {}

        @Override
        public boolean wantsProgress() {
          return false;
        }
      };

  /**
   * Whether {@link #at} is to be called, which is worth the count of what there is to do. Asked
   * again and again; the count is made when it is first wanted.
   */
  default boolean wantsProgress() {
    return true;
  }

  /** A stretch that cannot be read was taken as zero ({@link ConvertOptions#salvage}). */
  default void salvaged(CopyException failure) {}

  /** Called before so many bytes are written; may wait, so that the copy keeps to a rate. */
  default void beforeWrite(long bytes) {}
}
