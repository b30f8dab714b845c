package io.voiceprint.model;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.DType;
import io.voiceprint.checkpoint.FloatReader;
import io.voiceprint.checkpoint.StateDict;
import io.voiceprint.checkpoint.StoredTensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Depthwise over-parameterised convolutions (DO-Conv; Cao et al., "DO-Conv: Depthwise
 * Over-parameterized Convolutional Layer", 2020) as the plain ones that they compute: for each
 * input channel, the kernel is the product of its matrix D (KF·KT, S) and the weights W (S) of an
 * output channel. As in the authors' code, D is stored as the difference to an identity, which may
 * be stored beside it.
 *
 * @param name the layer's
 * @param weights W (O, I, S)
 * @param depthwise D (I, KF·KT, S), or {@code null} for a kernel of one tap
 * @param diagonal the identity (I, KF·KT, S), or {@code null} where it is not stored
 * @param extent KF = KT
 */
record OverParameterised(
    String name, StoredTensor weights, StoredTensor depthwise, StoredTensor diagonal, int extent)
    implements StoredTensor {
  private static final String WEIGHTS = ".W";
  private static final String DEPTHWISE = ".D";
  private static final String DIAGONAL = ".D_diag";

  /** The largest kernel; a file must not make gigabytes of weights of a few numbers. */
  private static final int MAX_EXTENT = 7;

  /**
   * A state dict whose over-parameterised convolutions look like plain ones: {@code x.W}, {@code
   * x.D} and {@code x.D_diag} become {@code x.weight}. Nothing is read yet.
   *
   * @return {@code dict} itself where it has none
   * @throws ModelException if shapes do not fit together
   */
  static StateDict fold(StateDict dict) {
    if (dict.names().stream().noneMatch(name -> name.endsWith(WEIGHTS))) {
      return dict;
    }
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    Set<String> names = dict.names();
    for (String name : names) {
      String layer = name.substring(0, name.lastIndexOf('.') + 1);
      boolean part = name.endsWith(WEIGHTS) || name.endsWith(DEPTHWISE) || name.endsWith(DIAGONAL);
      if (!part || !names.contains(layer + "W") || names.contains(layer + "weight")) {
        tensors.put(name, dict.tensor(name));
      } else if (name.endsWith(WEIGHTS)) {
        tensors.put(layer + "weight", of(dict, name.substring(0, name.length() - 2)));
      }
    }
    return StateDict.of(dict.source(), tensors, dict.metadata());
  }

  private static OverParameterised of(StateDict dict, String layer) {
    StoredTensor weights = dict.tensor(layer + WEIGHTS);
    StoredTensor depthwise = dict.tensor(layer + DEPTHWISE);
    StoredTensor diagonal = dict.tensor(layer + DIAGONAL);
    int[] w = weights.shape();
    int[] d = depthwise == null ? new int[] {w.length > 1 ? w[1] : 0, 1, 1} : depthwise.shape();
    int extent = d.length == 3 ? (int) Math.round(Math.sqrt(d[1])) : 0;
    boolean fits =
        w.length == 3
            && d.length == 3
            && w[1] == d[0]
            && w[2] == d[2]
            && w[2] > 0
            && extent * extent == d[1]
            && extent <= MAX_EXTENT
            && (long) w[0] * w[1] * d[1] <= Integer.MAX_VALUE
            && (diagonal == null || Arrays.equals(diagonal.shape(), d));
    if (!fits) {
      throw new ModelException(
          "%s: over-parameterised convolution %s: W %s and D %s are not (O, I, S) and (I, K·K, S) with K up to %d"
              .formatted(
                  dict.source(),
                  layer,
                  Arrays.toString(w),
                  depthwise == null ? "missing" : Arrays.toString(d),
                  MAX_EXTENT));
    }
    return new OverParameterised(layer + ".weight", weights, depthwise, diagonal, extent);
  }

  @Override
  public DType dtype() {
    return weights.dtype();
  }

  @Override
  public int[] shape() {
    return new int[] {weights.shape()[0], weights.shape()[1], extent, extent};
  }

  @Override
  public long elements() {
    int[] shape = shape();
    return (long) shape[0] * shape[1] * extent * extent;
  }

  @Override
  public FloatReader reader() throws CheckpointException {
    return FloatReader.of(kernel());
  }

  /** The plain kernel (O, I, KF, KT), summed in double precision. */
  private float[] kernel() throws CheckpointException {
    float[] w = weights.readFloats();
    if (depthwise == null) {
      return w;
    }
    int inputs = weights.shape()[1];
    int taps = extent * extent;
    int products = weights.shape()[2];
    double[] d = matrices(inputs, taps, products);
    float[] kernel = new float[Math.toIntExact(elements())];
    for (int at = 0; at < kernel.length; at++) {
      int channel = at / taps; // o · inputs + i
      int row = (channel % inputs * taps + at % taps) * products;
      double sum = 0;
      for (int s = 0; s < products; s++) {
        sum += d[row + s] * w[channel * products + s];
      }
      kernel[at] = (float) sum;
    }
    return kernel;
  }

  /** D plus the identity. */
  private double[] matrices(int inputs, int taps, int products) throws CheckpointException {
    float[] difference = depthwise.readFloats();
    float[] stored = diagonal == null ? null : diagonal.readFloats();
    double[] d = new double[inputs * taps * products];
    for (int at = 0; at < d.length; at++) {
      int s = at % products;
      boolean whole = s < products / taps * taps;
      double identity = whole && s % taps == at / products % taps ? 1 : 0;
      d[at] = difference[at] + (stored == null ? identity : stored[at]);
    }
    return d;
  }
}
