package io.voiceprint.engine.cuda;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.graph.Value;
import java.util.List;

/**
 * From samples as they were uploaded to features: resampling where a clip of the row has another
 * rate than the front end, then the {@link FilterBank}.
 *
 * <p>Samples at the front end's rate are uploaded alone. Samples at other rates are uploaded behind
 * a table that says of each clip how to resample it; the wave then lies in the step's scratch
 * memory.
 */
final class WaveInput {
  private final FbankOptions frontEnd;
  private final RowGeometry geometry;
  private final KernelSet kernels;
  private final FilterBank filterBank;
  private final RateFilters rates;

  WaveInput(FbankOptions frontEnd, RowGeometry geometry, KernelSet kernels, WeightStore weights) {
    this.frontEnd = frontEnd;
    this.geometry = geometry;
    this.kernels = kernels;
    this.filterBank = new FilterBank(frontEnd, kernels, weights);
    this.rates = new RateFilters(frontEnd.sampleRate(), weights);
  }

  RateFilters rates() {
    return rates;
  }

  /** What to upload for {@code count} utterances from {@code from} on, all at rates known here. */
  Source source(List<PcmAudio> utterances, int from, int count) {
    Source source = Source.SAMPLES;
    for (int i = from; i < from + count; i++) {
      int rate = utterances.get(i).sampleRate();
      if (rate > frontEnd.sampleRate()) {
        return Source.HIGHER_RATES;
      }
      if (rate < frontEnd.sampleRate()) {
        source = Source.LOWER_RATES;
      }
    }
    return source;
  }

  /** Bytes of what is uploaded. */
  long payloadBytes(RowSize row, Source source) {
    if (!source.resamples()) {
      return Float.BYTES * waveSamples(row, 0);
    }
    // What is left over behind a clip's last whole frame is uploaded too: the filter reaches there.
    long samples = source.rateFactor() * (waveSamples(row, frontEnd.frameShift()) + row.clips());
    return tableBytes(row) + Float.BYTES * samples;
  }

  /**
   * Most samples of a row's clips at the front end's rate.
   *
   * @param rest samples that a clip may have beyond its frames
   */
  private long waveSamples(RowSize row, int rest) {
    // T frames need (T - 1) shifts and one frame; a clip's gap often has room for the difference.
    long perClip =
        frontEnd.frameLength()
            - frontEnd.frameShift()
            + rest
            - (long) geometry.gap() * frontEnd.frameShift();
    return (long) row.columns() * frontEnd.frameShift() + row.clips() * Math.max(0, perClip);
  }

  /** Bytes of the table before the samples of a row that is resampled. */
  static long tableBytes(RowSize row) {
    return ArenaPlanner.align((long) row.clips() * PcmKernel.RAW_CLIP_INTS * Integer.BYTES);
  }

  long scratchBytes(RowSize row, Source source) {
    return waveBytes(row, source) + filterBank.scratchBytes(row);
  }

  private long waveBytes(RowSize row, Source source) {
    return source.resamples() ? ArenaPlanner.align(Float.BYTES * waveSamples(row, 0)) : 0;
  }

  /**
   * Adds the launches that fill {@code features} from what was uploaded.
   *
   * @param sums of each clip, zero before; with them the mean is not subtracted
   */
  void plan(RowPlan row, Source source, Value features, ClipSums sums, List<Launch> launches) {
    long scratch = row.scratch(features.id());
    long wave = row.payload();
    if (source.resamples()) {
      wave = scratch;
      launches.add(
          kernels.pcm.resample(
              row.payload(),
              row.row().clips(),
              Math.toIntExact(waveSamples(row.row(), 0)),
              row.payload() + tableBytes(row.row()),
              rates.taps(),
              wave));
    }
    filterBank.plan(row, wave, scratch + waveBytes(row.row(), source), features, sums, launches);
  }
}
