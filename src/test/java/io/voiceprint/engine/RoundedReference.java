package io.voiceprint.engine;

import io.voiceprint.engine.reference.ReferenceEngine;
import io.voiceprint.frontend.Features;
import io.voiceprint.golden.Golden;
import io.voiceprint.model.SpeakerModel;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * How far rounding alone moves a model's embeddings: the error of the reference engine with weights
 * and activations rounded to a format, which other engines are measured by.
 *
 * <p>The error of one clip is a matter of chance. Where one direction of the embedding outweighs
 * all others, what hundreds of roundings add up to is a single signed number, and that may come out
 * near zero: in tf32 the reference errs by 0.6 % on the clip of 28 frames through
 * eres2net_tiny_two_emb, but by 1.7 % (root mean square) on copies of it that differ by a
 * thousandth. An engine that rounds elsewhere draws another number. So a clip's error is the
 * largest that the reference makes on it and on its copies.
 */
public final class RoundedReference implements AutoCloseable {
  private static final int COPIES = 7;

  /** Standard deviation of the copies' noise, in log-mel units: a thousandth of an energy. */
  private static final double NOISE = 1e-3;

  private final Engine rounded;
  private final Engine exact;

  /** Rounds weights, and the result of every node. */
  public RoundedReference(SpeakerModel model, Precision precision) {
    this(model, precision, Set.of());
  }

  /**
   * Also rounds the products of some convolutions, before bias and residual are added to them.
   *
   * @param roundedProducts names of these convolutions
   */
  public RoundedReference(SpeakerModel model, Precision precision, Set<String> roundedProducts) {
    rounded = new ReferenceEngine(model.graph(), model.frontEnd(), precision, 2, roundedProducts);
    exact = new ReferenceEngine(model.graph(), model.frontEnd(), Precision.FP32, 2);
  }

  /** Of one clip alone, in relative L2. */
  public double of(Features features, double[] expected) {
    return Golden.relativeL2(rounded.embedFeatures(List.of(features)).get(0), expected);
  }

  /** The largest of a clip's copies, in relative L2. */
  public double largestOfCopies(Features features) {
    Random random = new Random(features.frames());
    double largest = 0;
    for (int copy = 0; copy < COPIES; copy++) {
      float[] data = features.data().clone();
      for (int i = 0; i < data.length; i++) {
        data[i] += (float) (NOISE * random.nextGaussian());
      }
      Features noisy = new Features(features.frames(), features.bins(), data);
      largest = Math.max(largest, of(noisy, doubles(exact.embedFeatures(List.of(noisy)).get(0))));
    }
    return largest;
  }

  /** Of the value of a node, in relative L2. */
  public double of(Features features, String node, double[] expected) {
    return Golden.relativeL2(rounded.activation(features, node), expected);
  }

  /** The value of a node in float32. */
  public double[] exact(Features features, String node) {
    return doubles(exact.activation(features, node));
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  @Override
  public void close() {
    rounded.close();
    exact.close();
  }
}
