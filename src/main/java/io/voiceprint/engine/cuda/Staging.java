package io.voiceprint.engine.cuda;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.audio.SampleArray;
import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.PinnedBuffer;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import java.util.List;

/** The page-locked host memory of a lane: what goes up to the device and what comes down. */
final class Staging implements AutoCloseable {
  private final PinnedBuffer up;
  private final PinnedBuffer down;
  private final IntBuffer upInts;
  private final FloatBuffer upFloats;
  private final ShortBuffer upShorts;
  private final FloatBuffer downFloats;

  Staging(CudaContext context, String lane, long upBytes, long downBytes) {
    up = new PinnedBuffer(context, "upload of " + lane, Math.toIntExact(upBytes));
    try {
      down = new PinnedBuffer(context, "download of " + lane, Math.toIntExact(downBytes));
    } catch (RuntimeException e) {
      up.close();
      throw e;
    }
    upInts = up.bytes().asIntBuffer();
    upFloats = up.bytes().asFloatBuffer();
    upShorts = up.bytes().asShortBuffer();
    downFloats = down.bytes().asFloatBuffer();
  }

  PinnedBuffer up() {
    return up;
  }

  PinnedBuffer down() {
    return down;
  }

  /** Writes clip table and column tables, and zeros for the sums over clips. */
  void putTables(PackedRow packed, FbankOptions frontEnd, RowPlan plan, int[] timeStrides) {
    int at = (int) (plan.memory().clipTableOffset() / Integer.BYTES);
    int sample = 0;
    for (int clip = 0; clip < plan.row().clips(); clip++) {
      boolean exists = clip < packed.clips();
      int samples = exists ? samples(frontEnd, packed.frames(clip)) : 0;
      upInts.put(at++, sample);
      upInts.put(at++, samples);
      upInts.put(at++, exists ? packed.firstColumn(clip) : 0);
      upInts.put(at++, exists ? packed.frames(clip) : 0);
      sample += samples;
    }
    for (int timeStride : timeStrides) {
      upInts.position((int) (plan.memory().columnTableOffset(timeStride) / Integer.BYTES));
      packed.putColumnClips(timeStride, upInts, plan.columns(timeStride));
    }
    zero(
        (int) (plan.memory().clipSumsOffset() / Float.BYTES),
        (int) (plan.memory().payloadOffset() / Float.BYTES));
  }

  /** Writes the samples of utterances {@code from} on, one behind the other. */
  void putSamples(
      PackedRow packed, FbankOptions frontEnd, RowPlan plan, List<PcmAudio> utterances, int from) {
    Source source = plan.memory().source();
    int at = (int) (plan.memory().payloadOffset() / source.bytes());
    for (int clip = 0; clip < packed.clips(); clip++) {
      // Samples behind the last whole frame are of no use.
      int samples = samples(frontEnd, packed.frames(clip));
      put(source, at, utterances.get(from + clip).array(), samples);
      at += samples;
    }
  }

  /**
   * Writes the samples of utterances {@code from} on at their own rates, behind a table that says
   * how to resample each.
   */
  void putRaw(
      PackedRow packed, Network network, RowPlan plan, List<PcmAudio> utterances, int from) {
    RateFilters rates = network.input().rates();
    Source source = plan.memory().source();
    long payload = plan.memory().payloadOffset();
    upInts.position((int) (payload / Integer.BYTES));
    int at = (int) ((payload + WaveInput.tableBytes(plan.row())) / source.bytes());
    int raw = 0;
    int wave = 0;
    for (int clip = 0; clip < packed.clips(); clip++) {
      PcmAudio audio = utterances.get(from + clip);
      int count = samples(network.frontEnd(), packed.frames(clip));
      int length = audio.length();
      rates.of(audio.sampleRate()).putClip(upInts, raw, length, wave, count);
      put(source, at + raw, audio.array(), length);
      raw += length;
      wave += count;
    }
    for (int clip = packed.clips(); clip < plan.row().clips(); clip++) {
      rates.of(network.frontEnd().sampleRate()).putClip(upInts, raw, 0, wave, 0);
    }
  }

  /** Writes the first samples of a clip from element {@code at} on, in the row's format. */
  private void put(Source source, int at, SampleArray samples, int count) {
    if (source.isInt16()) {
      upShorts.put(at, ((SampleArray.Int16) samples).values(), 0, count);
    } else {
      samples.copyTo(0, count, upFloats, at);
    }
  }

  /** Writes the features of utterances {@code from} on into their columns; gaps are zero. */
  void putFeatures(PackedRow packed, RowPlan plan, List<Features> utterances, int from) {
    int at = (int) (plan.memory().payloadOffset() / Float.BYTES);
    int column = 0;
    int bins = utterances.get(from).bins();
    for (int clip = 0; clip < packed.clips(); clip++) {
      zero(at + column * bins, at + packed.firstColumn(clip) * bins);
      upFloats.put(
          at + packed.firstColumn(clip) * bins,
          utterances.get(from + clip).data(),
          0,
          packed.frames(clip) * bins);
      column = packed.firstColumn(clip) + packed.frames(clip);
    }
    zero(at + column * bins, at + plan.row().columns() * bins);
  }

  private void zero(int from, int to) {
    for (int i = from; i < to; i++) {
      upFloats.put(i, 0f);
    }
  }

  private static int samples(FbankOptions frontEnd, int frames) {
    return Math.toIntExact(frontEnd.samplesFor(frames));
  }

  /** Copies {@code target.length} floats that came down, from element {@code from} on. */
  void read(int from, float[] target) {
    downFloats.get(from, target, 0, target.length);
  }

  @Override
  public void close() {
    try {
      up.close();
    } finally {
      down.close();
    }
  }
}
