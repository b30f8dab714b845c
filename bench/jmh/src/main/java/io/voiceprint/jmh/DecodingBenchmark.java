package io.voiceprint.jmh;

import io.voiceprint.audio.AudioReader;
import io.voiceprint.audio.ChannelChoice;
import io.voiceprint.audio.DecodedAudio;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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

/** Reads a WAV file of five seconds at 16 kHz, as a server does with every request. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DecodingBenchmark {
  private static final int RATE = 16000;
  private static final double SECONDS = 5;
  private static final int PCM = 1;
  private static final int IEEE_FLOAT = 3;

  /** Bits of a sample: integers of 16, floats of 32. */
  @Param({"16", "32"})
  private int bits;

  private final AudioReader reader = new AudioReader(ChannelChoice.FIRST, Duration.ofMinutes(1));
  private byte[] file;

  /** Writes the file. */
  @Setup
  public void prepare() {
    float[] samples = Noise.of(SECONDS, RATE);
    int data = samples.length * bits / Byte.SIZE;
    ByteBuffer out = ByteBuffer.allocate(44 + data).order(ByteOrder.LITTLE_ENDIAN);
    out.put(ascii("RIFF")).putInt(36 + data).put(ascii("WAVE"));
    out.put(ascii("fmt ")).putInt(16).putShort((short) (bits == 16 ? PCM : IEEE_FLOAT));
    out.putShort((short) 1).putInt(RATE).putInt(RATE * bits / Byte.SIZE);
    out.putShort((short) (bits / Byte.SIZE)).putShort((short) bits);
    out.put(ascii("data")).putInt(data);
    for (float sample : samples) {
      if (bits == 16) {
        out.putShort((short) (sample * Short.MAX_VALUE));
      } else {
        out.putFloat(sample);
      }
    }
    file = out.array();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Samples and warnings. */
  @Benchmark
  public DecodedAudio read() throws IOException {
    return reader.read(new ByteArrayInputStream(file), "noise.wav");
  }
}
