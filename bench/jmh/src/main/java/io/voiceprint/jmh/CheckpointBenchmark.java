package io.voiceprint.jmh;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.model.SpeakerModel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From a weight file in the page cache to a graph with batch norm folded in. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CheckpointBenchmark {
  /** From the folder of the sources; {@code -p file=...} for another. */
  @Param("weights/demo/eres2net_demo.safetensors")
  private String file;

  /** The network. */
  @Benchmark
  public SpeakerModel load() throws CheckpointException {
    return SpeakerModel.load(Path.of(file), null);
  }
}
