package io.voiceprint.batch;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineException;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/**
 * An engine whose embedding is simple arithmetic on the samples, so that a test can compute it too.
 * It records its calls, and a test can step into each of them.
 *
 * @param lanes what {@link #lanes} says
 * @param onCall runs within each call of {@link #embed}, on the lane's thread, and may throw
 * @param calls the first samples of the utterances of each call, in order
 */
public record ArithmeticEngine(int lanes, Consumer<List<float[]>> onCall, List<List<Float>> calls)
    implements Engine {
  /** An utterance that begins with this fails, and every batch with it. */
  public static final float POISON = 0.666f;

  /** An utterance that begins with this has NaN in its embedding. */
  public static final float OVERFLOW = 0.777f;

  public static final int MAX_FRAMES = 1000;

  public ArithmeticEngine(int lanes, Consumer<List<float[]>> onCall) {
    this(lanes, onCall, Collections.synchronizedList(new ArrayList<>()));
  }

  /** One lane, nothing but arithmetic. */
  public ArithmeticEngine() {
    this(1, utterances -> {});
  }

  /** The embedding (4) of an utterance. */
  public static float[] expected(float[] samples) {
    double sum = 0;
    double weighted = 0;
    for (int i = 0; i < samples.length; i++) {
      sum += samples[i];
      weighted += samples[i] * Math.sin(i);
    }
    float last = samples[samples.length - 1];
    return new float[] {(float) sum, (float) weighted, samples.length, last};
  }

  @Override
  public List<float[]> embed(List<float[]> utterances) {
    calls.add(utterances.stream().map(samples -> samples[0]).toList());
    onCall.accept(utterances);
    List<float[]> embeddings = new ArrayList<>();
    for (float[] samples : utterances) {
      if (samples[0] == POISON) {
        throw new EngineException("poison in a batch of " + utterances.size());
      }
      float[] embedding = expected(samples);
      if (samples[0] == OVERFLOW) {
        embedding[1] = Float.NaN;
      }
      embeddings.add(embedding);
    }
    return embeddings;
  }

  /** Utterances of each call so far. */
  public List<Integer> batchSizes() {
    synchronized (calls) {
      return calls.stream().map(List::size).toList();
    }
  }

  @Override
  public String description() {
    return "arithmetic";
  }

  @Override
  public Precision precision() {
    return Precision.FP32;
  }

  @Override
  public FbankOptions frontEnd() {
    return FbankOptions.speaker(80);
  }

  @Override
  public int embeddingSize() {
    return 4;
  }

  @Override
  public int minFrames() {
    return 9;
  }

  @Override
  public int maxFrames() {
    return MAX_FRAMES;
  }

  @Override
  public Features features(float[] samples) {
    throw new UnsupportedOperationException("arithmetic has no features");
  }

  @Override
  public List<float[]> embedFeatures(List<Features> utterances) {
    throw new UnsupportedOperationException("arithmetic has no features");
  }

  @Override
  public float[] activation(Features features, String node) {
    throw new UnsupportedOperationException("arithmetic has no nodes");
  }

  @Override
  public void close() {
    calls.add(List.of());
  }
}
