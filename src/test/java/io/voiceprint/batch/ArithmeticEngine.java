package io.voiceprint.batch;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineException;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.Rows;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * An engine whose embedding is simple arithmetic on the samples, so that a test can compute it too.
 * It records its calls, and a test can step into each of them.
 *
 * @param lanes what {@link #lanes} says
 * @param onCall runs within each call of {@link #embed}, on the lane's thread, and may throw
 * @param frontEnd what {@link #frontEnd} says
 * @param rows what {@link #rows} says
 * @param broken while it is set, every call fails
 * @param calls the first samples of the utterances of each call, in order
 * @param othersWaited what each call of {@link #embedAudio(List, boolean)} heard, in order
 */
public record ArithmeticEngine(
    int lanes,
    Consumer<List<float[]>> onCall,
    FbankOptions frontEnd,
    Rows rows,
    AtomicBoolean broken,
    List<List<Float>> calls,
    List<Boolean> othersWaited)
    implements Engine {
  /** An utterance that begins with this fails, and every batch with it. */
  public static final float POISON = 0.666f;

  /** An utterance that begins with this has NaN in its embedding. */
  public static final float OVERFLOW = 0.777f;

  public static final int MAX_FRAMES = 1000;

  /** Two samples are a frame, and each sample more is one more. */
  private static final FbankOptions PER_SAMPLE = new FbankOptions(16_000, 2, 1, 80, 20, 0.97);

  /** One column between utterances, and rows computed in tens of columns. */
  private static final Rows ROWS_IN_TENS =
      new Rows() {
        @Override
        public int columns(int frames) {
          return frames + 1;
        }

        @Override
        public int computed(int columns) {
          return (columns + 9) / 10 * 10;
        }
      };

  /** The front end of speech, so that samples and seconds are those of real models. */
  public ArithmeticEngine(int lanes, Consumer<List<float[]>> onCall) {
    this(lanes, onCall, FbankOptions.speaker(80), Rows.UNBOUNDED);
  }

  private ArithmeticEngine(
      int lanes, Consumer<List<float[]>> onCall, FbankOptions frontEnd, Rows rows) {
    this(
        lanes,
        onCall,
        frontEnd,
        rows,
        new AtomicBoolean(),
        Collections.synchronizedList(new ArrayList<>()),
        Collections.synchronizedList(new ArrayList<>()));
  }

  /** Each sample of an utterance of at least two takes one column of a row. */
  static ArithmeticEngine perSample(int lanes, Consumer<List<float[]>> onCall) {
    return new ArithmeticEngine(lanes, onCall, PER_SAMPLE, ROWS_IN_TENS);
  }

  /** One lane, nothing but arithmetic. */
  public ArithmeticEngine() {
    this(1, utterances -> {});
  }

  /** Utterances at the rate of either front end. */
  static List<PcmAudio> audio(float[]... utterances) {
    return Arrays.stream(utterances).map(samples -> new PcmAudio(samples, 16_000)).toList();
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
    if (broken.get()) {
      throw new EngineException("the device was lost");
    }
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

  @Override
  public List<float[]> embedAudio(List<PcmAudio> utterances, boolean othersWait) {
    othersWaited.add(othersWait);
    return embedAudio(utterances);
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
  public boolean isBroken() {
    return broken.get();
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
