package dev.monoceros.tests.support;

import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.OracleTool;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestTag;
import org.junit.platform.launcher.PostDiscoveryFilter;

/**
 * Leaves out qcow's tests that need QEMU where module qcow has run them already, because QEMU's
 * tools are on the PATH. It chooses before anything is run: what it leaves out is not reported as
 * skipped, so that a skipped test always means one that nobody ran.
 */
public final class QcowOracleFilter implements PostDiscoveryFilter {
  private static final TestTag NEEDS_QEMU = TestTag.create(NeedsQemu.TAG);
  private static final boolean RUN_IN_QCOW = OracleTool.allOnPath();

  @Override
  public FilterResult apply(TestDescriptor test) {
    return FilterResult.includedIf(
        !RUN_IN_QCOW || !test.getTags().contains(NEEDS_QEMU),
        () -> "",
        () -> "has run in module qcow");
  }
}
