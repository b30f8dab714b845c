package io.voiceprint.jmh;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.audio.Resampler;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Three seconds of audio to 16 kHz. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ResamplerBenchmark {
  private static final int TO = 16000;
  private static final double SECONDS = 3;

  @Param({"8000", "44100", "48000"})
  private int from;

  private PcmAudio audio;
  private Resampler resampler;

  /** Designs the filter, which is kept in use too. */
  @Setup
  public void prepare() {
    audio = new PcmAudio(Noise.of(SECONDS, from), from);
    resampler = Resampler.of(from, TO);
  }

  /** The samples at 16 kHz. */
  @Benchmark
  public PcmAudio resample() {
    return resampler.resample(audio);
  }
}
