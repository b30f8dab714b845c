package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.cuda.CudaException;
import io.voiceprint.cuda.CudaException.Kind;
import io.voiceprint.engine.EngineException;
import io.voiceprint.frontend.Features;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.Res2NetArchitecture;
import io.voiceprint.model.Res2NetArchitecture.Family;
import io.voiceprint.model.SpeakerModel;
import io.voiceprint.simcuda.SimCuda;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Failures of every kind of call, at each place in turn: nothing leaks, and the engine goes on. */
class CudaFaultTest {
  /** A failure that leaves the context good, unlike the unknown error most calls have. */
  private static final int OUT_OF_MEMORY = 2;

  /** A failure that takes the context with it. */
  private static final int LAUNCH_FAILED = 719;

  private final SpeakerModel model =
      SpeakerModel.seeded(
          new Res2NetArchitecture(
              Family.ERES2NET, 80, 4, List.of(1, 1, 1, 1), 32, 2, 2, Pooling.TSTP, 8, false),
          7);
  private final Features features = TestEngines.features(12, new Random(8));

  @BeforeEach
  void onTheSoftwareDevice() {
    assumeTrue(TestEngines.isSlow(), "faults are injected into the software device alone");
    SimCuda.require();
    SimCuda.reset();
  }

  @AfterEach
  void forgetFaults() {
    SimCuda.reset();
  }

  private CudaEngine open() {
    return TestEngines.open(model, TestEngines.precision(), 1);
  }

  private float[] embed(CudaEngine engine) {
    return engine.embedFeatures(List.of(features)).get(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cuMemAlloc*",
        "cuMemHostAlloc*",
        "cuMemAddressReserve",
        "cuStreamCreate*",
        "cuModuleLoad*"
      })
  void anEngineThatCannotBeOpenedLeavesNothing(String call) {
    SimCuda.reset();
    open().close();
    long calls = SimCuda.calls(call);
    assertTrue(calls > 0, call + " is never called");
    for (long nth = 1; nth <= calls; nth++) {
      SimCuda.reset();
      SimCuda.fail(call, nth, OUT_OF_MEMORY);
      assertThrows(CudaException.class, this::open, call + " " + nth);
      SimCuda.requireNothingLeft();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cuLaunchKernel",
        "cuMemcpy*",
        "cuMemCreate",
        "cuStreamSynchronize",
        "cuGraphLaunch"
      })
  void aFailedCallFailsAloneAndTheNextOneIsServed(String call) {
    // The capture is held back until the request has returned, so that each call has its number.
    List<Long> calls = new ArrayList<>();
    String recording = firstCallOfARecording();
    float[] expected;
    try (CudaEngine engine = open()) {
      SimCuda.reset();
      try (SimCuda.Hold capture = SimCuda.hold(recording)) {
        expected = embed(engine);
        capture.await();
        calls.add(SimCuda.calls(call));
      }
      engine.awaitCaptures();
      calls.add(SimCuda.calls(call));
      embed(engine);
      calls.add(SimCuda.calls(call));
    }
    assertTrue(calls.get(2) > 0, call + " is never called");
    // Launches are many and alike: each of the first few, then some of the rest.
    for (long nth = 1; nth <= calls.get(2); nth += nth < 5 ? 1 : 5) {
      boolean inTheCapture = nth > calls.get(0) && nth <= calls.get(1);
      SimCuda.reset();
      try (CudaEngine engine = open()) {
        SimCuda.fail(call, nth, OUT_OF_MEMORY);
        boolean failed;
        try (SimCuda.Hold capture = SimCuda.hold(recording)) {
          failed = embedFails(engine);
          capture.release();
        }
        engine.awaitCaptures();
        failed |= embedFails(engine);
        assertEquals(!inTheCapture, failed, call + " " + nth);
        for (int round = 0; round < 3; round++) {
          assertArrayEquals(expected, embed(engine), call + " " + nth);
          engine.awaitCaptures();
        }
      }
      SimCuda.requireNothingLeft();
    }
  }

  /** NVIDIA's libraries are warmed up before the capture, in memory that no request asks for. */
  private String firstCallOfARecording() {
    boolean libraries =
        TestEngines.tuning(model, TestEngines.precision()).choices().values().stream()
            .anyMatch(choice -> choice.startsWith("cudnn-") || choice.startsWith("cublas"));
    return libraries ? "cuMemAlloc*" : "cuStreamBeginCapture*";
  }

  /** Whether a request fails, by a failure that leaves the context good. */
  private boolean embedFails(CudaEngine engine) {
    try {
      embed(engine);
      return false;
    } catch (CudaException failure) {
      assertTrue(failure.kind() != Kind.LOST_CONTEXT, failure::getMessage);
      return true;
    }
  }

  /**
   * A request, its capture, and the replay.
   *
   * @param calls of the driver for all three
   */
  private record FirstUse(float[] embedding, long calls) {}

  private FirstUse firstUse() {
    try (CudaEngine engine = open()) {
      SimCuda.reset();
      float[] embedding = embed(engine);
      engine.awaitCaptures();
      embed(engine);
      return new FirstUse(embedding, SimCuda.calls("cu*"));
    }
  }

  /** Whatever is called, by a request or by the capture beside it. */
  @Test
  void aFailureOfAnyCallIsSurvived() {
    FirstUse usual = firstUse();
    for (long nth = 1; nth <= usual.calls(); nth++) {
      SimCuda.reset();
      try (CudaEngine engine = open()) {
        SimCuda.fail("cu*", nth, OUT_OF_MEMORY);
        embedFails(engine);
        engine.awaitCaptures();
        embedFails(engine);
        for (int round = 0; round < 2; round++) {
          assertArrayEquals(usual.embedding(), embed(engine), "call " + nth);
          engine.awaitCaptures();
        }
        SimCuda.reset();
      }
      SimCuda.requireNothingLeft();
    }
  }

  /** The device is lost at any call, of a request or of the capture beside it. */
  @Test
  void aDeviceLostAtAnyCallBreaksTheEngineForGood() {
    FirstUse usual = firstUse();
    for (long nth = 1; nth <= usual.calls(); nth++) {
      SimCuda.reset();
      try (CudaEngine engine = open()) {
        SimCuda.fail("cu*", nth, LAUNCH_FAILED);
        int served = 0;
        while (served < 3 && isServed(engine, usual.embedding())) {
          engine.awaitCaptures();
          served++;
        }
        assertTrue(served < 3, "call " + nth + " was not met");
        assertTrue(engine.isBroken(), "call " + nth);
        var later = assertThrows(EngineException.class, () -> embed(engine));
        assertTrue(later.getMessage().contains("open a new one"), later.getMessage());
      }
      SimCuda.requireNothingLeft();
    }
    try (CudaEngine engine = open()) {
      assertArrayEquals(usual.embedding(), embed(engine));
    }
  }

  /** Whether a request gets its embedding; else the device is lost, and it says so. */
  private boolean isServed(CudaEngine engine, float[] expected) {
    try {
      assertArrayEquals(expected, embed(engine));
      return true;
    } catch (CudaException failure) {
      assertEquals(Kind.LOST_CONTEXT, failure.kind(), failure.getMessage());
      return false;
    } catch (EngineException broken) {
      assertTrue(broken.getMessage().contains("open a new one"), broken.getMessage());
      return false;
    }
  }

  @Test
  void anyCallOfAnOpeningMayFail() {
    CudaDevice device = TestEngines.device();
    Tuning tuning = TestEngines.tuning(model, TestEngines.precision());
    SimCuda.reset();
    long calls;
    try (CudaEngine engine = open(device, tuning)) {
      calls = SimCuda.calls("cu*");
      assertFalse(engine.isBroken());
    }
    for (int status : new int[] {OUT_OF_MEMORY, LAUNCH_FAILED}) {
      for (long nth = 1; nth <= calls; nth++) {
        SimCuda.reset();
        SimCuda.fail("cu*", nth, status);
        CudaException failure = assertThrows(CudaException.class, () -> open(device, tuning));
        assertTrue(failure.getMessage().contains(failure.call()), failure.getMessage());
        SimCuda.requireNothingLeft();
      }
    }
    open(device, tuning).close();
  }

  private CudaEngine open(CudaDevice device, Tuning tuning) {
    return CudaEngine.open(
        device, model.graph(), model.frontEnd(), TestEngines.precision(), 1, tuning);
  }

  @Test
  void aLostDeviceBreaksTheEngineAndANewOneWorks() {
    float[] expected;
    try (CudaEngine engine = open()) {
      expected = embed(engine);
      engine.awaitCaptures();
      SimCuda.loseDevice();
      CudaException failure = assertThrows(CudaException.class, () -> embed(engine));
      assertEquals(Kind.LOST_CONTEXT, failure.kind());
      for (int round = 0; round < 2; round++) {
        var later = assertThrows(EngineException.class, () -> embed(engine));
        assertTrue(later.getMessage().contains("open a new one"), later.getMessage());
      }
    }
    SimCuda.requireNothingLeft();
    try (CudaEngine engine = open()) {
      assertArrayEquals(expected, embed(engine));
    }
    SimCuda.requireNothingLeft();
  }

  @Test
  void anErrorNamesTheNodeAndItsShapes() {
    try (CudaEngine engine = open()) {
      SimCuda.fail("cuLaunchKernel", 2, 0); // The stem is one launch, whatever is fused.
      CudaException failure = assertThrows(CudaException.class, () -> embed(engine));
      assertEquals(Kind.LAUNCH_FAILURE, failure.kind());
      String message = failure.getMessage();
      assertTrue(message.contains("layer1.0"), message);
      assertTrue(message.contains("columns="), message);
      assertTrue(message.contains("grid=("), message);
    }
  }
}
