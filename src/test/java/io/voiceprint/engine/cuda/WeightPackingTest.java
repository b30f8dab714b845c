package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightPackingTest {
  private static Tensor random(int... shape) {
    float[] data = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    Random random = new Random(3);
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) random.nextGaussian();
    }
    return Tensor.of(data, shape);
  }

  private static ChannelLayout halves(int channels) {
    BitSet cuts = new BitSet();
    cuts.set(channels / 2);
    return ChannelLayout.of(channels, cuts);
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "3, 8, 3", "31, 33, 1", "52, 26, 3", "8, 127, 3"})
  void convolutionsKeepEveryWeightAndPadWithZeros(int outputs, int inputs, int kernel) {
    Tensor weight = random(outputs, inputs, kernel, kernel);
    ChannelLayout in = halves(inputs);
    ChannelLayout out = halves(outputs);
    float[] inner = WeightPacking.innerMajor(weight, in, out);
    float[] outer = WeightPacking.outputMajor(weight, in, out);
    int taps = kernel * kernel;
    double sum = 0;
    for (int o = 0; o < outputs; o++) {
      for (int i = 0; i < inputs; i++) {
        for (int tap = 0; tap < taps; tap++) {
          float expected = weight.data()[(o * inputs + i) * taps + tap];
          assertEquals(expected, inner[(tap * in.width() + in.at(i)) * out.width() + out.at(o)]);
          assertEquals(expected, outer[(out.at(o) * taps + tap) * in.width() + in.at(i)]);
          sum += Math.abs(expected);
        }
      }
    }
    assertEquals(sum, sumOfMagnitudes(inner), 1e-9 * sum, "padding is zero");
    assertEquals(sum, sumOfMagnitudes(outer), 1e-9 * sum, "padding is zero");
  }

  private static double sumOfMagnitudes(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += Math.abs(value);
    }
    return sum;
  }

  @Test
  void fusionMatricesFollowTheChannels() {
    Tensor squeeze = random(5, 2 * 26);
    Tensor expand = random(26, 5);
    ChannelLayout layout = halves(26);
    float[] packedSqueeze = WeightPacking.squeeze(squeeze, layout);
    float[] packedExpand = WeightPacking.expand(expand, layout);
    for (int c = 0; c < 26; c++) {
      for (int r = 0; r < 5; r++) {
        assertEquals(squeeze.data()[r * 52 + c], packedSqueeze[layout.at(c) * 5 + r]);
        assertEquals(
            squeeze.data()[r * 52 + 26 + c],
            packedSqueeze[(layout.width() + layout.at(c)) * 5 + r]);
        assertEquals(expand.data()[c * 5 + r], packedExpand[r * layout.width() + layout.at(c)]);
      }
    }
    assertEquals(
        squeeze.data()[2 * 52 + 26 + 7],
        WeightPacking.pointwise(squeeze, 26, 26).data()[2 * 26 + 7]);
  }

  @Test
  void attentiveMatricesChangeTheirOrder() {
    int channels = 3;
    int rows = 5;
    Tensor hidden = random(4, channels * rows);
    Tensor score = random(channels * rows, 4);
    Tensor bias = random(channels * rows);
    float[] packedHidden = WeightPacking.attentiveHidden(hidden, channels, rows);
    float[] packedScore = WeightPacking.attentiveScore(score, channels, rows);
    float[] packedBias = WeightPacking.attentiveBias(bias, channels, rows);
    for (int c = 0; c < channels; c++) {
      for (int f = 0; f < rows; f++) {
        int row = c * rows + f;
        for (int h = 0; h < 4; h++) {
          assertEquals(hidden.data()[h * 15 + row], packedHidden[(f * channels + c) * 4 + h]);
          assertEquals(score.data()[row * 4 + h], packedScore[(h * rows + f) * channels + c]);
        }
        assertEquals(bias.data()[row], packedBias[f * channels + c]);
      }
    }
  }

  @Test
  void aWeightTooLargeForFloat16IsNamed() {
    WeightStore store = new WeightStore();
    var thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> store.operands("layer1.0.conv1", new float[] {1, 70000}, MathMode.FP16));
    assertTrue(thrown.getMessage().contains("layer1.0.conv1"), thrown.getMessage());
    assertTrue(thrown.getMessage().contains("70000"), thrown.getMessage());
  }
}
