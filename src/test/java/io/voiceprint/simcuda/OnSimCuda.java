package io.voiceprint.simcuda;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * For tests that need the software CUDA device: skips them where it is not, and forgets faults and
 * counts before and behind each.
 */
public final class OnSimCuda implements BeforeEachCallback, AfterEachCallback {
  @Override
  public void beforeEach(ExtensionContext context) {
    SimCuda.require();
    SimCuda.reset();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    SimCuda.reset();
  }
}
