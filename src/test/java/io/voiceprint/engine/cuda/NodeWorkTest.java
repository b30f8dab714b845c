package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.cuda.CudaException;
import io.voiceprint.engine.NodeWork;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.Features;
import io.voiceprint.graph.Node;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.Res2NetArchitecture;
import io.voiceprint.model.Res2NetArchitecture.Family;
import io.voiceprint.model.SpeakerModel;
import io.voiceprint.simcuda.OnSimCuda;
import io.voiceprint.simcuda.SimCuda;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What an engine counts of a pass, and the pass that a profiler is shown. */
@ExtendWith(OnSimCuda.class)
class NodeWorkTest {
  private static final int FRAMES = 28;

  private final SpeakerModel model =
      SpeakerModel.seeded(
          new Res2NetArchitecture(
              Family.ERES2NET, 80, 4, List.of(1, 1, 1, 1), 32, 2, 2, Pooling.TSTP, 8, false),
          7);
  private final Features clip = TestEngines.features(FRAMES, new Random(3));

  private CudaEngine open(Tuning tuning) {
    return CudaEngine.open(
        TestEngines.device(), model.graph(), model.frontEnd(), Precision.FP16, 1, tuning);
  }

  private PlanCost cost(Tuning tuning) {
    return PlanCost.of(
        TestEngines.device(),
        model.graph(),
        model.frontEnd(),
        Precision.FP16,
        tuning,
        FRAMES,
        Source.FEATURES);
  }

  private Tuning tuning(boolean libraries) {
    try (Tuner tuner =
        new Tuner(TestEngines.device(), model.graph(), model.frontEnd(), Precision.FP16)) {
      return libraries ? Tuning.forcing(tuner.choices(true), List.of("cudnn-")) : tuner.fusions();
    }
  }

  @Test
  void everyLaunchIsCountedAtItsNode() {
    for (Tuning tuning : List.of(Tuning.NONE, tuning(false))) {
      try (CudaEngine engine = open(tuning)) {
        List<NodeWork> work = engine.nodeWork(clip);
        assertEquals(model.graph().nodes().size(), work.size());
        PlanCost cost = cost(tuning);
        // The copies to and from the host are nodes of the graph, and no work of a layer.
        assertEquals(cost.graphNodes() - 2, work.stream().mapToInt(NodeWork::launches).sum());
        assertEquals(
            cost.deviceBytes(), work.stream().mapToLong(node -> node.bytes().orElseThrow()).sum());
        long[] nanos = engine.nodeNanos(clip);
        for (int step = 0; step < nanos.length; step++) {
          assertEquals(nanos[step] > 0, work.get(step).launches() > 0, "step " + step);
        }
      }
    }
  }

  @Test
  void librariesDoNotSayWhatTheyMove() {
    try (CudaEngine engine = open(tuning(true))) {
      List<NodeWork> work = engine.nodeWork(clip);
      long unknown = work.stream().filter(node -> node.bytes().isEmpty()).count();
      assertTrue(unknown > 0, work.toString());
      for (Node node : model.graph().nodes()) {
        assertTrue(
            work.get(node.output().id()).bytes().isPresent() || node instanceof Node.Conv2d,
            node.name());
      }
    }
  }

  @Test
  void aProfilerIsShownOnePassLaunchByLaunch() {
    short[] noise = new short[Math.toIntExact(model.frontEnd().samplesFor(FRAMES))];
    Random random = new Random(4);
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (short) random.nextInt(-9_000, 9_000);
    }
    PcmAudio audio = new PcmAudio(noise, model.frontEnd().sampleRate());
    try (CudaEngine engine = open(Tuning.NONE)) {
      engine.warmUp(FRAMES);
      SimCuda.reset();
      float[] usual = engine.embedAudio(List.of(audio)).get(0);
      long launches = SimCuda.launches();
      assertEquals(1, SimCuda.calls("cuGraphLaunch"));
      assertEquals(0, SimCuda.calls("cuProfiler*"));
      SimCuda.reset();
      engine.passForProfiler(audio);
      assertEquals(1, SimCuda.calls("cuProfilerStart"));
      assertEquals(1, SimCuda.calls("cuProfilerStop"));
      // The pass that warms is a graph, and the other is not.
      assertEquals(1, SimCuda.calls("cuGraphLaunch"));
      assertEquals(2 * launches, SimCuda.launches());
      SimCuda.fail("cuLaunchKernel*", 5, 0);
      assertThrows(CudaException.class, () -> engine.passForProfiler(audio));
      assertEquals(2, SimCuda.calls("cuProfilerStop"));
      assertArrayEquals(usual, engine.embedAudio(List.of(audio)).get(0));
    }
  }
}
