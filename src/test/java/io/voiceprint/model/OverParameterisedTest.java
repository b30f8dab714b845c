package io.voiceprint.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.StateDict;
import io.voiceprint.checkpoint.StoredTensor;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Tensor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** DO-Conv layers against their definition: a depthwise convolution, then an ordinary one. */
class OverParameterisedTest {
  private static final Path SOURCE = Path.of("synthetic.ckpt");

  private final Random random = new Random(5);

  private Tensor tensor(int... shape) {
    int elements = 1;
    for (int extent : shape) {
      elements *= extent;
    }
    float[] data = new float[elements];
    for (int i = 0; i < elements; i++) {
      data[i] = (float) random.nextGaussian();
    }
    return Tensor.of(data, shape);
  }

  private static StateDict dict(Map<String, Tensor> tensors) {
    Map<String, StoredTensor> stored = new HashMap<>();
    tensors.forEach((name, tensor) -> stored.put(name, new FoldedTensor(name, tensor)));
    return StateDict.of(SOURCE, stored, Map.of());
  }

  /** Both ways on one patch: features of each input channel first, then their weighted sum. */
  @ParameterizedTest
  @CsvSource({"3, 9, true", "3, 9, false", "3, 12, true", "3, 5, false", "5, 25, true"})
  void theFoldedKernelComputesWhatTheTwoStepsCompute(int extent, int products, boolean stored)
      throws CheckpointException {
    int outputs = 4;
    int inputs = 3;
    int taps = extent * extent;
    Tensor w = tensor(outputs, inputs, products);
    Tensor d = tensor(inputs, taps, products);
    float[] identity = new float[inputs * taps * products];
    for (int i = 0; i < inputs; i++) {
      for (int m = 0; m < taps; m++) {
        for (int s = m; s < products / taps * taps; s += taps) {
          identity[(i * taps + m) * products + s] = 1;
        }
      }
    }
    Map<String, Tensor> tensors = new HashMap<>(Map.of("conv.W", w, "conv.D", d));
    if (stored) {
      tensors.put("conv.D_diag", Tensor.of(identity, inputs, taps, products));
    }
    StoredTensor folded = OverParameterised.fold(dict(tensors)).tensor("conv.weight");
    assertArrayEquals(new int[] {outputs, inputs, extent, extent}, folded.shape());
    float[] kernel = folded.readFloats();
    float[] patch = tensor(inputs, taps).data();
    for (int o = 0; o < outputs; o++) {
      double expected = 0;
      for (int i = 0; i < inputs; i++) {
        for (int s = 0; s < products; s++) {
          double feature = 0;
          for (int m = 0; m < taps; m++) {
            int at = (i * taps + m) * products + s;
            feature += (d.data()[at] + identity[at]) * patch[i * taps + m];
          }
          expected += w.data()[(o * inputs + i) * products + s] * feature;
        }
      }
      double actual = 0;
      for (int at = 0; at < inputs * taps; at++) {
        actual += kernel[o * inputs * taps + at] * patch[at];
      }
      assertEquals(expected, actual, 1e-4, "output " + o);
    }
  }

  @Test
  void aKernelOfOneTapIsItsWeights() throws CheckpointException {
    Tensor w = tensor(4, 3, 1);
    StoredTensor folded = OverParameterised.fold(dict(Map.of("conv.W", w))).tensor("conv.weight");
    assertArrayEquals(new int[] {4, 3, 1, 1}, folded.shape());
    assertArrayEquals(w.data(), folded.readFloats());
  }

  @Test
  void whatDoesNotFitIsNamed() {
    StateDict dict = dict(Map.of("conv.W", tensor(4, 3, 9), "conv.D", tensor(2, 9, 9)));
    var thrown = assertThrows(ModelException.class, () -> OverParameterised.fold(dict));
    assertTrue(thrown.getMessage().contains("convolution conv: W [4, 3, 9] and D [2, 9, 9]"));
    StateDict large = dict(Map.of("conv.W", tensor(4, 3, 1), "conv.D", tensor(3, 900, 1)));
    assertThrows(ModelException.class, () -> OverParameterised.fold(large));
    // No bytes at all, which would stand for a kernel of any size.
    StateDict empty = dict(Map.of("conv.W", tensor(9999, 9999, 0), "conv.D", tensor(9999, 9, 0)));
    assertThrows(ModelException.class, () -> OverParameterised.fold(empty));
  }

  /** A whole network: the convolutions of a block are replaced by over-parameterised ones. */
  @Test
  void aNetworkWithThemIsRecognisedAndBuilt() throws CheckpointException {
    Path file = io.voiceprint.golden.Golden.model("eres2net_micro").resolve("model.ckpt");
    StateDict plain = StateDict.open(file);
    Map<String, StoredTensor> tensors = new HashMap<>();
    for (String name : plain.names()) {
      StoredTensor tensor = plain.tensor(name);
      int[] shape = tensor.shape();
      if (!name.startsWith("layer1.0.conv") || shape.length != 4) {
        tensors.put(name, tensor);
        continue;
      }
      String layer = name.replace(".weight", "");
      int taps = shape[2] * shape[3];
      Tensor w = Tensor.of(tensor.readFloats(), shape[0], shape[1], taps);
      tensors.put(layer + ".W", new FoldedTensor(layer + ".W", w));
      if (taps > 1) {
        Tensor d = Tensor.of(new float[shape[1] * taps * taps], shape[1], taps, taps);
        tensors.put(layer + ".D", new FoldedTensor(layer + ".D", d));
      }
    }
    SpeakerModel expected = SpeakerModel.of(plain, null);
    SpeakerModel actual = SpeakerModel.of(StateDict.of(file, tensors, Map.of()), null);
    assertEquals(expected.architecture(), actual.architecture());
    for (Node node : expected.graph().nodes()) {
      if (node instanceof Node.Conv2d conv) {
        Node.Conv2d other = (Node.Conv2d) actual.graph().find(node.name());
        assertArrayEquals(conv.weight().data(), other.weight().data(), node.name());
      }
    }
  }
}
