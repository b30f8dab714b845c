package io.voiceprint.engine.cuda;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.audio.SampleArray;
import io.voiceprint.cuda.DeviceMemory;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.graph.Value;
import java.util.List;

/**
 * From samples as they were uploaded to features: resampling where a clip of the row has another
 * rate than the front end, else conversion to floats where all are 16-bit integers, then the {@link
 * FilterBank}.
 *
 * <p>Samples at the front end's rate are uploaded alone. Samples at other rates are uploaded behind
 * a table that says of each clip how to resample it. A row is uploaded in 16 bits if all of its
 * clips have these. A wave that is computed lies in the step's scratch memory.
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
    boolean lower = false;
    boolean higher = false;
    boolean int16 = true;
    for (int i = from; i < from + count; i++) {
      PcmAudio audio = utterances.get(i);
      lower |= audio.sampleRate() < frontEnd.sampleRate();
      higher |= audio.sampleRate() > frontEnd.sampleRate();
      int16 &= audio.array() instanceof SampleArray.Int16;
    }
    Source source = higher ? Source.HIGHER_RATES : lower ? Source.LOWER_RATES : Source.SAMPLES;
    return int16 ? source.int16() : source;
  }

  /** Bytes of what is uploaded. */
  long payloadBytes(RowSize row, Source source) {
    if (!source.resamples()) {
      // Whole octets, as the conversion reads and writes them.
      return source.bytes() * octets(row) * PcmKernel.OCTET;
    }
    // What is left over behind a clip's last whole frame is uploaded too: the filter reaches there.
    long samples = source.rateFactor() * (waveSamples(row, frontEnd.frameShift()) + row.clips());
    return tableBytes(row) + source.bytes() * samples;
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

  private long octets(RowSize row) {
    return (waveSamples(row, 0) + PcmKernel.OCTET - 1) / PcmKernel.OCTET;
  }

  /** Bytes of the table before the samples of a row that is resampled. */
  static long tableBytes(RowSize row) {
    return DeviceMemory.align((long) row.clips() * PcmKernel.RAW_CLIP_INTS * Integer.BYTES);
  }

  long scratchBytes(RowSize row, Source source) {
    return waveBytes(row, source) + filterBank.scratchBytes(row);
  }

  private long waveBytes(RowSize row, Source source) {
    return source.computesWave()
        ? DeviceMemory.align(Float.BYTES * octets(row) * PcmKernel.OCTET)
        : 0;
  }

  /**
   * Adds the launches that fill {@code features} from what was uploaded.
   *
   * @param sums of each clip, zero before; with them the mean is not subtracted
   */
  void plan(RowPlan row, Source source, Value features, ClipSums sums, List<Launch> launches) {
    long scratch = row.scratch(features.id());
    long wave = row.payload();
    if (source.computesWave()) {
      wave = scratch;
      launches.add(source.resamples() ? resample(row, source, wave) : widen(row, wave));
    }
    filterBank.plan(row, wave, scratch + waveBytes(row.row(), source), features, sums, launches);
  }

  private Launch resample(RowPlan row, Source source, long wave) {
    return kernels.pcm.resample(
        source.isInt16(),
        row.payload(),
        row.row().clips(),
        Math.toIntExact(waveSamples(row.row(), 0)),
        row.payload() + tableBytes(row.row()),
        rates.taps(),
        wave);
  }

  private Launch widen(RowPlan row, long wave) {
    return kernels.pcm.widen(row.payload(), wave, Math.toIntExact(octets(row.row())));
  }
}
