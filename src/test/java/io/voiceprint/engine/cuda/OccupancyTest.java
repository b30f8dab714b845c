package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaStream;
import io.voiceprint.cuda.LaunchShape;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.Res2NetArchitecture;
import io.voiceprint.model.Res2NetArchitecture.Family;
import io.voiceprint.model.SpeakerModel;
import io.voiceprint.process.ChildProcess;
import io.voiceprint.simcuda.OnSimCuda;
import io.voiceprint.simcuda.SimCuda;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code bench/occupancy.py} calculates with the threads and the shared memory of the launches. */
@ExtendWith(OnSimCuda.class)
class OccupancyTest {
  private static final int FRAMES = 298;
  private static final int BATCH = 64;

  /** Two blocks of each stage: in the published model the second one repeats. */
  private final SpeakerModel base =
      SpeakerModel.seeded(
          new Res2NetArchitecture(
              Family.ERES2NET, 80, 32, List.of(2, 2, 2, 2), 32, 2, 2, Pooling.TSTP, 8, false),
          1);

  /** Small cards give a block less shared memory, so they take other tiles. */
  @ParameterizedTest
  @CsvSource({"86, FP16", "86, TF32", "86, FP32", "90, FP16", "90, TF32", "90, FP32"})
  void everyLaunchOfTheBaseModelIsInTheTable(int card, Precision precision, @TempDir Path noLogs)
      throws IOException {
    SimCuda.card(card);
    Set<String> launched = new TreeSet<>();
    for (Tuning tuning : tunings(precision)) {
      launched.addAll(launches(precision, tuning));
    }
    launched.removeAll(table(noLogs));
    assertEquals(Set.of(), launched, "launches that bench/occupancy.py does not know");
  }

  /** Every candidate somewhere: first of the layers, then of what fuses several. */
  private List<Tuning> tunings(Precision precision) {
    Map<String, List<String>> layers = new TreeMap<>();
    Map<String, List<String>> fusions = new TreeMap<>();
    try (Tuner tuner = new Tuner(TestEngines.device(), base.graph(), base.frontEnd(), precision)) {
      tuner
          .choices(false)
          .forEach(
              (key, names) ->
                  (names.contains(FusedSteps.SEPARATE) ? fusions : layers).put(key, names));
    }
    assertFalse(layers.isEmpty() || fusions.isEmpty());
    List<Tuning> all = new ArrayList<>();
    for (Map<String, List<String>> choices : List.of(layers, fusions)) {
      int rounds = choices.values().stream().mapToInt(List::size).max().orElseThrow();
      for (int round = 0; round < rounds; round++) {
        Map<String, String> chosen = new TreeMap<>();
        for (var choice : choices.entrySet()) {
          List<String> names = choice.getValue();
          chosen.put(choice.getKey(), names.get(round % names.size()));
        }
        all.add(new Tuning(chosen));
      }
    }
    return all;
  }

  /** Of one clip and of many, planned and not run. */
  private Set<String> launches(Precision precision, Tuning tuning) {
    Set<String> launches = new TreeSet<>();
    try (CudaContext context = CudaContext.open(TestEngines.device())) {
      Network network =
          new Network(context, base.graph(), base.frontEnd(), CudaEngine.mode(precision), tuning);
      RowLibraries libraries = new RowLibraries(new LaneLibraries(new CudaStream(context, "plan")));
      int columns = network.geometry().footprint(FRAMES);
      for (int clips : List.of(1, BATCH)) {
        RowSize size = new RowSize(clips * columns, clips);
        for (Source source : List.of(Source.SAMPLES, Source.SAMPLES_INT16, Source.HIGHER_RATES)) {
          MemoryMap memory = MemoryMap.of(network, size, source);
          RowPlan row = new RowPlan(size, memory, 0, network.storage(), network.mode(), libraries);
          Plan plan = new Plan(network, row);
          for (int step = 0; step <= plan.last(); step++) {
            for (Launch launch : plan.launches(step)) {
              launches.add(text((KernelLaunch) launch));
            }
          }
        }
      }
    }
    return launches;
  }

  private static String text(KernelLaunch launch) {
    LaunchShape shape = launch.shape();
    return "%s, %d threads, %d bytes"
        .formatted(
            launch.kernel(), shape.blockX() * shape.blockY() * shape.blockZ(), shape.sharedBytes());
  }

  /** What the script would list, had anything been compiled. */
  private static Set<String> table(Path noLogs) throws IOException {
    assumeTrue(present("python3"), "the calculation of occupancy needs python3");
    Set<String> table = new TreeSet<>();
    ChildProcess.run(Map.of(), List.of("python3", "bench/occupancy.py", noLogs.toString()))
        .lines()
        .filter(line -> line.contains("not built") || line.contains("no tf32"))
        .forEach(
            line ->
                table.add(
                    "kernel %s, %s threads, %s bytes"
                        .formatted(
                            line.substring(0, 32).strip(),
                            line.substring(54, 62).strip(),
                            line.substring(62, 70).strip())));
    assertFalse(table.isEmpty());
    return table;
  }

  private static boolean present(String command) {
    try {
      return new ProcessBuilder(command, "--version").start().waitFor() == 0;
    } catch (IOException notInstalled) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
