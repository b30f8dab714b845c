package io.voiceprint.model;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.StateDict;
import io.voiceprint.checkpoint.StoredTensor;
import io.voiceprint.graph.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the layers of a recognised network from a state dict, folding batch norm, and keeps account
 * of every key that is missing, misshapen or left over. A faulty key reads as zeros, so that one
 * pass finds all faults.
 */
final class WeightReader implements LayerSource {
  private final StateDict dict;
  private final boolean folded;
  private final Set<String> used = new LinkedHashSet<>();
  private final List<String> faults = new ArrayList<>();
  private final Map<String, Tensor> foldedTensors = new LinkedHashMap<>();
  private final long storedElements;
  private final FloatBuffer buffer = FloatBuffer.allocate(1 << 14);
  private long zeros;
  private long parameters;

  WeightReader(StateDict dict) {
    this.dict = dict;
    this.folded = dict.names().stream().noneMatch(name -> name.endsWith(".running_mean"));
    this.storedElements =
        dict.names().stream().mapToLong(name -> dict.tensor(name).elements()).sum();
  }

  @Override
  public LayerWeights convNorm(String conv, String norm, int... shape) throws CheckpointException {
    return isFolded(conv, norm) ? biased(conv, shape) : convNorm(conv, norm, false, shape);
  }

  @Override
  public LayerWeights biasedConvNorm(String conv, String norm, int... shape)
      throws CheckpointException {
    if (folded) {
      return biased(conv, shape);
    }
    return convNorm(conv, norm, true, shape);
  }

  /** A layer of its kind has no bias of its own: one that has took up the norm behind it. */
  private boolean isFolded(String layer, String norm) {
    return folded
        || (dict.tensor(layer + ".bias") != null && dict.tensor(norm + ".running_mean") == null);
  }

  @Override
  public LayerWeights linearNorm(String linear, String norm, int... shape)
      throws CheckpointException {
    if (isFolded(linear, norm)) {
      return biased(linear, shape);
    }
    Tensor weight = read(linear + ".weight", shape);
    return keep(linear, batchNorm(norm, shape[0], false).foldIntoConvBefore(weight, null));
  }

  @Override
  public LayerWeights norm(String norm, int channels) throws CheckpointException {
    BatchNorm alone = batchNorm(norm, channels, true);
    keepNorm(norm);
    return alone.alone();
  }

  private LayerWeights convNorm(String conv, String norm, boolean biased, int... shape)
      throws CheckpointException {
    Tensor weight = read(conv + ".weight", shape);
    float[] bias = biased ? read(conv + ".bias", shape[0]).data() : null;
    return keep(conv, batchNorm(norm, shape[0], true).foldIntoConvBefore(weight, bias));
  }

  @Override
  public LayerWeights conv(String conv, int... shape) throws CheckpointException {
    Tensor weight = read(conv + ".weight", shape);
    Tensor bias = Tensor.of(new float[shape[0]], shape[0]);
    foldedTensors.put(conv + ".weight", weight);
    return new LayerWeights(weight, bias);
  }

  @Override
  public LayerWeights biased(String name, int... shape) throws CheckpointException {
    return keep(
        name, new LayerWeights(read(name + ".weight", shape), read(name + ".bias", shape[0])));
  }

  @Override
  public LayerWeights normLinear(String norm, boolean affine, String linear, int... shape)
      throws CheckpointException {
    Tensor weight = read(linear + ".weight", shape);
    Tensor bias = read(linear + ".bias", shape[0]);
    if (folded) {
      return keep(linear, new LayerWeights(weight, bias));
    }
    BatchNorm before = batchNorm(norm, shape[1], affine);
    LayerWeights both = before.foldIntoLinearBehind(weight, bias.data());
    if (!affine) {
      return keep(linear, both);
    }
    // Beside other norms that stay, a missing one would not be recognised as folded.
    keep(linear, new LayerWeights(weight, bias));
    keepNorm(norm);
    return both;
  }

  /** Trainable parameters read so far. */
  long parameters() {
    return parameters;
  }

  /** The network's tensors after folding, under the names they have in the state dict. */
  Map<String, Tensor> foldedTensors() {
    return foldedTensors;
  }

  /** All faults, one line each, keys that nobody read last. */
  List<String> faults() {
    List<String> all = new ArrayList<>(faults);
    for (String name : dict.names()) {
      if (!used.contains(name) && !name.endsWith(".num_batches_tracked")) {
        all.add("unexpected key " + name + " " + Arrays.toString(dict.tensor(name).shape()));
      }
    }
    return all;
  }

  private BatchNorm batchNorm(String name, int channels, boolean affine)
      throws CheckpointException {
    float[] gamma = affine ? read(name + ".weight", channels).data() : null;
    float[] beta = affine ? read(name + ".bias", channels).data() : null;
    float[] mean = readStatistic(name + ".running_mean", channels);
    float[] variance = readStatistic(name + ".running_var", channels);
    for (int c = 0; c < channels; c++) {
      if (variance[c] < 0) {
        faults.add("negative variance %s in %s.running_var[%d]".formatted(variance[c], name, c));
        break;
      }
    }
    return BatchNorm.of(gamma, beta, mean, variance);
  }

  private Tensor read(String key, int... shape) throws CheckpointException {
    Tensor tensor = tensor(key, shape);
    parameters += tensor.elements();
    return tensor;
  }

  private float[] readStatistic(String key, int... shape) throws CheckpointException {
    return tensor(key, shape).data();
  }

  /** A vector is read now, since folding needs it; what is larger stays where it is. */
  private Tensor tensor(String key, int... shape) throws CheckpointException {
    used.add(key);
    StoredTensor stored = dict.tensor(key);
    if (stored == null) {
      faults.add("missing key " + key + " " + Arrays.toString(shape));
    } else if (!Arrays.equals(stored.shape(), shape)) {
      faults.add(
          "key %s has shape %s, expected %s"
              .formatted(key, Arrays.toString(stored.shape()), Arrays.toString(shape)));
    } else if (stored instanceof FoldedTensor folded) {
      return folded.tensor();
    } else if (shape.length == 1) {
      return Tensor.of(stored.readFloats(), shape);
    } else {
      return StoredWeight.checked(stored, buffer);
    }
    return Tensor.of(zeros(shape), shape);
  }

  /** Stands in for a faulty key; refuses to allocate more than the file itself holds. */
  private float[] zeros(int... shape) {
    long elements = 1;
    for (int extent : shape) {
      elements *= extent;
    }
    zeros += elements;
    if (zeros > storedElements) {
      throw new ModelException("%s: %s".formatted(dict.source(), faults.get(faults.size() - 1)));
    }
    return new float[(int) elements];
  }

  /** What could not be folded stays as it is stored. */
  private void keepNorm(String name) throws CheckpointException {
    for (String part : List.of(".weight", ".bias", ".running_mean", ".running_var")) {
      StoredTensor stored = dict.tensor(name + part);
      if (stored != null) {
        foldedTensors.put(name + part, Tensor.of(stored.readFloats(), stored.shape()));
      }
    }
  }

  private LayerWeights keep(String name, LayerWeights weights) {
    foldedTensors.put(name + ".weight", weights.weight());
    foldedTensors.put(name + ".bias", weights.bias());
    return weights;
  }
}
