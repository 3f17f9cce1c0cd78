package dev.monoceros.qcow.oracle;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;
import org.junit.jupiter.api.Tag;

/**
 * On every class of tests that asks {@link QemuImg}, {@link QemuIo} or {@link QemuBitmap}. Where
 * QEMU's tools are not on the PATH, module {@code tests} runs the tests of this tag with those of
 * the package cache. Each engine has a tag annotation of its own; and as jqwik takes a property
 * whose every try is aborted for a failure, it is told to skip them.
 */
@Tag(NeedsQemu.TAG)
@net.jqwik.api.Tag(NeedsQemu.TAG)
@AddLifecycleHook(NeedsQemu.Properties.class)
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface NeedsQemu {
  /** The tag, by which tests/pom.xml chooses. */
  String TAG = "oracle";

  /** Skips properties where one of the tools is missing. */
  final class Properties implements SkipExecutionHook {
    @Override
    public SkipResult shouldBeSkipped(LifecycleContext context) {
      return OracleTool.missing().map(SkipResult::skip).orElseGet(SkipResult::doNotSkip);
    }
  }
}
