package io.voiceprint.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.voiceprint.graph.Tensor;
import java.util.TreeSet;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.desc;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class WeightsTest {
  private static final int OUTPUTS = 130; // the last piece is shorter than the others
  private static final int INPUTS = 6000; // so that there are several

  @BeforeAll
  static void available() {
    OneDnnAvailable.assume();
  }

  @Test
  void arrangesPieceByPieceAndAnew() {
    float[] plain = new float[OUTPUTS * INPUTS];
    float[] swapped = new float[plain.length];
    for (int i = 0; i < plain.length; i++) {
      plain[i] = i;
      swapped[i % INPUTS * OUTPUTS + i / INPUTS] = i;
    }
    PlainWeights matrix = PlainWeights.of(Tensor.of(plain, OUTPUTS, INPUTS));
    long[] dims = {OUTPUTS, INPUTS};
    try (engine cpu = new engine(org.bytedeco.dnnl.engine.kind.cpu, 0);
        stream queue = new stream(cpu);
        Weights weights = new Weights(cpu, queue)) {
      desc inputsFirst = new desc(dims, data_type.f32, format_tag.ba);
      memory first = weights.in(inputsFirst, "w", () -> matrix);
      assertArrayEquals(swapped, read(first, plain.length));
      assertSame(first, weights.in(inputsFirst, "w", WeightsTest::asked));
      desc outputsFirst = new desc(dims, data_type.f32, format_tag.ab);
      memory other = weights.in(outputsFirst, "w", WeightsTest::asked);
      assertArrayEquals(plain, read(other, plain.length));
      memory asItIs = weights.in(outputsFirst, "v", () -> matrix);
      assertArrayEquals(plain, read(asItIs, plain.length));
    }
  }

  @Test
  void swapsTheAxesOfAKernel() {
    Tensor weight = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 1, 1, 2, 3);
    Channels padded = Channels.of(1, new TreeSet<>(), 2);
    try (engine cpu = new engine(org.bytedeco.dnnl.engine.kind.cpu, 0);
        stream queue = new stream(cpu);
        Weights weights = new Weights(cpu, queue)) {
      desc wanted = new desc(new long[] {1, 1, 3, 2}, data_type.f32, format_tag.abcd);
      memory swapped =
          weights.in(
              wanted,
              "w",
              () -> PlainWeights.convolution(weight, Channels.single(), Channels.single()));
      assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, read(swapped, 6));
      desc wider = new desc(new long[] {2, 1, 3, 2}, data_type.f32, format_tag.abcd);
      memory widened =
          weights.in(wider, "v", () -> PlainWeights.convolution(weight, padded, Channels.single()));
      assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6, 0, 0, 0, 0, 0, 0}, read(widened, 12));
    }
  }

  private static PlainWeights asked() {
    throw new AssertionError("the weights are there already");
  }

  private static float[] read(memory from, int count) {
    float[] values = new float[count];
    new FloatPointer(from.get_data_handle()).get(values);
    return values;
  }
}
