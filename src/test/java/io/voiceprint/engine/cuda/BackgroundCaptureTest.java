package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.cuda.CudaException;
import io.voiceprint.cuda.CudaGraph;
import io.voiceprint.engine.EngineException;
import io.voiceprint.frontend.Features;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.Res2NetArchitecture;
import io.voiceprint.model.Res2NetArchitecture.Family;
import io.voiceprint.model.SpeakerModel;
import io.voiceprint.simcuda.SimCuda;
import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows are captured beside the requests, which never wait for it, whatever becomes of it. */
class BackgroundCaptureTest {
  private static final int OUT_OF_MEMORY = 2;

  private final SpeakerModel model =
      SpeakerModel.seeded(
          new Res2NetArchitecture(
              Family.ERES2NET, 80, 4, List.of(1, 1, 1, 1), 32, 2, 2, Pooling.TSTP, 8, false),
          7);
  private final Random random = new Random(8);
  private final Features clip = TestEngines.features(12, random);
  private final Features other = TestEngines.features(30, random);

  @BeforeEach
  void onTheSoftwareDevice() {
    assumeTrue(TestEngines.isSlow(), "the software device alone can be held back");
    SimCuda.require();
    SimCuda.reset();
  }

  @AfterEach
  void goOn() {
    SimCuda.reset();
  }

  private CudaEngine open(int lanes) {
    return TestEngines.open(model, TestEngines.precision(), lanes);
  }

  private static float[] embed(CudaEngine engine, Features features) {
    return engine.embedFeatures(List.of(features)).get(0);
  }

  /** How often the driver is called meanwhile. */
  private static long calls(String call, Runnable work) {
    long before = SimCuda.calls(call);
    work.run();
    return SimCuda.calls(call) - before;
  }

  private static void assertReplayed(CudaEngine engine, Features features, float[] expected) {
    engine.awaitCaptures();
    long launches =
        calls("cuGraphLaunch", () -> assertArrayEquals(expected, embed(engine, features)));
    assertEquals(1, launches, "launches of a graph");
  }

  /** Before anything of the row is recorded, when all is, and when the graph is made of it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "cuStreamBeginCapture*",
        "cuStreamEndCapture",
        "cuGraphInstantiate*",
        "cuGraphUpload"
      })
  void requestsGoOnLaunchByLaunchUntilTheGraphIsThere(String held) {
    try (CudaEngine engine = open(1);
        SimCuda.Hold hold = SimCuda.hold(held)) {
      float[] first = embed(engine, clip);
      hold.await();
      Runnable again = () -> assertArrayEquals(first, embed(engine, clip));
      assertEquals(0, calls("cuGraphLaunch", again));
      assertTrue(calls("cuLaunchKernel", again) > 1);
      assertEquals(1, calls("cuStreamSynchronize", again));
      assertEquals(0, calls("cuCtxSynchronize", again));
      for (String call : List.of("cuMemAlloc*", "cuMemHostAlloc*", "cuMemCreate", "cuMemFree*")) {
        assertEquals(0, calls(call, again), call);
      }
      Features large = TestEngines.features(300, random);
      List<float[]> ofLarge = new ArrayList<>();
      long mapped = calls("cuMemCreate", () -> ofLarge.add(embed(engine, large)));
      assertTrue(mapped > 0, "the arena should have grown during the capture");
      hold.release();
      assertReplayed(engine, clip, first);
      assertReplayed(engine, large, ofLarge.get(0));
    }
    SimCuda.requireNothingLeft();
  }

  /** What NVIDIA's libraries put off to the first use of a handle may not be captured. */
  @ParameterizedTest
  @ValueSource(strings = {"cublas", "cudnn-"})
  void rowsThatALibraryComputesAreCapturedAtFirst(String library) {
    Tuning tuning;
    try (Tuner tuner =
        new Tuner(TestEngines.device(), model.graph(), model.frontEnd(), TestEngines.precision())) {
      tuning = Tuning.forcing(tuner.choices(true), List.of(library));
    }
    try (CudaEngine engine = TestEngines.open(model, 1, tuning, Long.MAX_VALUE)) {
      assertReplayed(engine, clip, embed(engine, clip));
    }
    SimCuda.requireNothingLeft();
  }

  @Test
  void aReplayBesideACaptureAllocatesNothingWaitsOnceAndMakesHardlyAnyGarbage() {
    try (CudaEngine engine = open(1)) {
      embed(engine, clip);
      engine.awaitCaptures();
      replayBesideACapture(engine);
    }
  }

  private void replayBesideACapture(CudaEngine engine) {
    List<Features> one = List.of(clip);
    try (SimCuda.Hold hold = SimCuda.hold("cuStreamEndCapture")) {
      embed(engine, other);
      hold.await();
      Runnable replay = () -> engine.embedFeatures(one);
      for (String call : CudaReplayTest.NEVER_IN_A_REPLAY) {
        assertEquals(0, calls(call, replay), call);
      }
      assertEquals(1, calls("cuGraphLaunch", replay));
      assertEquals(1, calls("cuStreamSynchronize", replay));
      long garbage = CudaReplayTest.garbage(engine, replay);
      assertTrue(garbage <= CudaReplayTest.GARBAGE_BYTES, () -> garbage + " bytes of garbage");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "cuCtxSetCurrent, 2",
    "cuStreamBeginCapture*, 1",
    "cuMemcpyHtoDAsync*, 1",
    "cuLaunchKernel, 1",
    "cuLaunchKernel, 6",
    "cuMemcpyDtoHAsync*, 1",
    "cuStreamEndCapture, 1",
    "cuGraphGetNodes, 1",
    "cuGraphInstantiate*, 1",
    "cuGraphUpload, 1",
    "cuStreamSynchronize, 1"
  })
  void aCaptureThatFailsIsNotTriedAgainAndNoRequestNoticesIt(String call, long nth) {
    try (CudaEngine engine = open(1)) {
      float[] first = embedWithFailingCapture(engine, clip, call, nth);
      assertEquals(0, SimCuda.live("graph") + SimCuda.live("executable graph"));
      for (int round = 0; round < 2; round++) {
        Runnable again =
            () -> {
              assertArrayEquals(first, embed(engine, clip));
              engine.awaitCaptures();
            };
        assertEquals(0, calls("cuGraphLaunch", again));
        assertEquals(0, calls("cuStreamBeginCapture*", again));
      }
      assertReplayed(engine, other, embed(engine, other));
    }
    SimCuda.requireNothingLeft();
  }

  /** While the capture is held back no request is under way, so that it alone meets the fault. */
  private static float[] embedWithFailingCapture(
      CudaEngine engine, Features features, String call, long nth) {
    float[] embedding;
    try (SimCuda.Hold hold = SimCuda.hold("cuStreamBeginCapture*")) {
      embedding = embed(engine, features);
      hold.await();
      SimCuda.fail(call, nth, OUT_OF_MEMORY);
    }
    engine.awaitCaptures();
    return embedding;
  }

  @Test
  void manyFailuresAreOneWarning() {
    Logger logger = Logger.getLogger(GraphRecorder.class.getName());
    Level before = logger.getLevel();
    Records records = new Records();
    logger.setLevel(Level.ALL);
    logger.addHandler(records);
    try (CudaEngine engine = open(1)) {
      embedWithFailingCapture(engine, clip, "cuGraphInstantiate*", 1);
      embedWithFailingCapture(engine, other, "cuGraphInstantiate*", 1);
    } finally {
      logger.removeHandler(records);
      logger.setLevel(before);
    }
    assertEquals(List.of(Level.WARNING, Level.FINE), records.levels);
    assertTrue(records.text.contains("lane 0"), records.text);
    assertTrue(records.text.contains("cuGraphInstantiate"), records.text);
  }

  private static final class Records extends Handler {
    private final List<Level> levels = new ArrayList<>();
    private String text = "";

    @Override
    public void publish(LogRecord entry) {
      levels.add(entry.getLevel());
      text += MessageFormat.format(entry.getMessage(), entry.getParameters()) + "\n";
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @Test
  void aDeviceThatIsLostDuringACaptureBreaksTheEngine() {
    try (CudaEngine engine = open(1);
        SimCuda.Hold hold = SimCuda.hold("cuStreamEndCapture")) {
      embed(engine, clip);
      hold.await();
      assertFalse(engine.isBroken());
      SimCuda.loseDevice();
      hold.release();
      engine.awaitCaptures();
      assertTrue(engine.isBroken());
      var later = assertThrows(EngineException.class, () -> embed(engine, clip));
      assertTrue(later.getMessage().contains("open a new one"), later.getMessage());
    }
    SimCuda.requireNothingLeft();
  }

  @Test
  void aRequestThatFailsMeanwhileThrowsTheGraphAway() {
    try (CudaEngine engine = open(1);
        SimCuda.Hold hold = SimCuda.hold("cuStreamEndCapture")) {
      float[] first = embed(engine, clip);
      hold.await();
      SimCuda.fail("cuLaunchKernel", 1, OUT_OF_MEMORY);
      assertThrows(CudaException.class, () -> embed(engine, clip));
      hold.release();
      engine.awaitCaptures();
      assertEquals(0, SimCuda.live("executable graph"));
      assertArrayEquals(first, embed(engine, clip));
      assertReplayed(engine, clip, first);
    }
    SimCuda.requireNothingLeft();
  }

  @Test
  void closingWaitsForTheCaptureUnderWayAndForgetsTheRest() throws InterruptedException {
    CudaEngine engine = open(1);
    Thread closing = new Thread(engine::close);
    try (SimCuda.Hold hold = SimCuda.hold("cuStreamEndCapture")) {
      embed(engine, clip);
      hold.await();
      embed(engine, other);
      closing.start();
      while (closing.getState() != Thread.State.WAITING && closing.isAlive()) {
        Thread.onSpinWait();
      }
      assertTrue(closing.isAlive(), "did not wait");
    }
    closing.join();
    assertEquals(1, SimCuda.calls("cuStreamBeginCapture*"));
    SimCuda.requireNothingLeft();
  }

  @Test
  void aWarmUpSaysThatTheCaptureFailedAndTheNextTriesAgain() {
    int frames = clip.frames();
    try (CudaEngine engine = open(2)) {
      SimCuda.fail("cuGraphInstantiate*", 2, OUT_OF_MEMORY);
      var failure = assertThrows(CudaException.class, () -> engine.warmUp(frames));
      assertTrue(failure.getMessage().contains("capturing rows"), failure.getMessage());
      assertFalse(engine.isBroken());
      engine.warmUp(frames);
      // On each lane, of floats and of 16-bit samples.
      assertEquals(4, SimCuda.live("executable graph"));
    }
    SimCuda.requireNothingLeft();
    try (CudaEngine engine = open(1)) {
      float[] samples = new float[Math.toIntExact(engine.frontEnd().samplesFor(frames))];
      SimCuda.fail("cuGraphInstantiate*", 1, OUT_OF_MEMORY);
      float[] first = engine.embed(List.of(samples)).get(0);
      engine.awaitCaptures();
      engine.warmUp(frames);
      Runnable replay = () -> assertArrayEquals(first, engine.embed(List.of(samples)).get(0));
      assertEquals(1, calls("cuGraphLaunch", replay));
    }
    SimCuda.requireNothingLeft();
  }

  /**
   * Two graphs have room; those that were used last stay. Of the usual plan, whatever is forced: a
   * device that holds cuDNN's scratch memory has room for more.
   */
  @Test
  void graphsTakeAsMuchMemoryAsTheyMay() {
    int launches =
        PlanCost.of(
                TestEngines.device(),
                model.graph(),
                model.frontEnd(),
                TestEngines.precision(),
                Tuning.NONE,
                clip.frames())
            .graphNodes();
    // From features, a row has fewer launches than from samples: the front end's are missing.
    long graph = CudaGraph.deviceBytes(launches);
    long sixteenth = 2 * graph + graph / 2;
    try (CudaEngine engine = TestEngines.open(model, 1, Tuning.NONE, 16 * sixteenth)) {
      List<Features> clips = new ArrayList<>();
      List<float[]> expected = new ArrayList<>();
      for (int frames : new int[] {12, 30, 60, 12, 90}) {
        clips.add(TestEngines.features(frames, new Random(frames)));
        expected.add(embed(engine, clips.get(clips.size() - 1)));
        engine.awaitCaptures();
        assertTrue(SimCuda.live("executable graph") <= 2, "graphs");
      }
      assertArrayEquals(expected.get(0), expected.get(3));
      assertReplayed(engine, clips.get(4), expected.get(4));
      assertReplayed(engine, clips.get(3), expected.get(3));
      Runnable dropped = () -> assertArrayEquals(expected.get(2), embed(engine, clips.get(2)));
      assertEquals(0, calls("cuGraphLaunch", dropped));
      assertReplayed(engine, clips.get(2), expected.get(2));
    }
    SimCuda.requireNothingLeft();
  }
}
