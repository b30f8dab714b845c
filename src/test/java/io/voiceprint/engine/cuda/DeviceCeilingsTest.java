package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.cuda.CudaException;
import io.voiceprint.engine.DeviceLimits;
import io.voiceprint.simcuda.SimCuda;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a card achieves is measured on any device; on the software one the figures mean nothing. */
@Tag("gpu")
class DeviceCeilingsTest {

  @Test
  void measuresMemoryAndLaunches() {
    DeviceLimits limits = DeviceCeilings.measure(TestEngines.device());
    for (double figure :
        List.of(limits.bytesPerSecond(), limits.launchNanos(), limits.graphLaunchNanos())) {
      assertTrue(figure > 0 && Double.isFinite(figure), limits.toString());
    }
    long cache = TestEngines.device().l2CacheBytes() >> 20;
    assertTrue(
        limits
            .how()
            .contains("arrays of %d MiB beside an L2 cache of %d".formatted(4 * cache, cache)),
        limits.how());
  }

  @Test
  void givesBackWhatItTookEvenIfItFails() {
    assumeTrue(TestEngines.isSlow(), "the software device alone can be made to fail");
    SimCuda.require();
    SimCuda.reset();
    List<Long> before = SimCuda.KINDS.stream().map(SimCuda::live).toList();
    DeviceCeilings.measure(TestEngines.device());
    assertEquals(before, SimCuda.KINDS.stream().map(SimCuda::live).toList());
    SimCuda.fail("cuMemAlloc_v2", 3, 0);
    CudaException e =
        assertThrows(CudaException.class, () -> DeviceCeilings.measure(TestEngines.device()));
    assertTrue(e.getMessage().contains("ceilings y"), e.getMessage());
    assertEquals(before, SimCuda.KINDS.stream().map(SimCuda::live).toList());
    SimCuda.reset();
  }
}
