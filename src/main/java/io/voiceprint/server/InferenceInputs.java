package io.voiceprint.server;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.audio.SampleArray;
import io.voiceprint.server.tensor.DataType;
import io.voiceprint.server.tensor.InferRequest;
import io.voiceprint.server.tensor.Tensor;
import io.voiceprint.server.tensor.TensorData;
import io.voiceprint.server.tensor.TensorException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The utterances of a request of the Open Inference Protocol: input {@code audio} of BYTES (n),
 * each element an audio file; or {@code samples} of FP32 or INT16 (n, T) with {@code lengths} of
 * INT32 or INT64 (n), without which each has T, and the parameter {@code sample_rate} in Hz,
 * without which it is the network's.
 */
final class InferenceInputs {
  static final String AUDIO = "audio";
  static final String SAMPLES = "samples";
  static final String LENGTHS = "lengths";
  static final String OUTPUT = "embedding";
  static final String SAMPLE_RATE = "sample_rate";

  /** What Triton would answer otherwise than by the values themselves. */
  private static final List<String> UNSUPPORTED = List.of("classification", "shared_memory_region");

  private final InferRequest request;
  private final int most;

  private InferenceInputs(InferRequest request, int most) {
    this.request = request;
    this.most = most;
  }

  /**
   * The utterances of a request.
   *
   * @param networkRate sample rate of the network, in Hz
   * @param most utterances of a request
   * @throws TensorException if the inputs are not as above, another output is wanted, or there are
   *     too many utterances
   */
  static List<Clip> clips(InferRequest request, int networkRate, int most) {
    for (InferRequest.Output output : request.outputs()) {
      require(
          output.name().equals(OUTPUT),
          "there is no output '%s'; the only one is '%s'".formatted(output.name(), OUTPUT));
      for (String extension : UNSUPPORTED) {
        require(
            !output.parameters().containsKey(extension),
            "output '%s': parameter %s is not supported".formatted(OUTPUT, extension));
      }
    }
    return new InferenceInputs(request, most).clips(networkRate);
  }

  private List<Clip> clips(int networkRate) {
    Optional<Tensor> audio = input(AUDIO);
    Optional<Tensor> samples = input(SAMPLES);
    Optional<Tensor> lengths = input(LENGTHS);
    int known = (int) List.of(audio, samples, lengths).stream().filter(Optional::isPresent).count();
    require(
        known == request.inputs().size()
            && audio.isPresent() != samples.isPresent()
            && (lengths.isEmpty() || samples.isPresent()),
        "the inputs must be 'audio' alone, or 'samples' with 'lengths', but are "
            + request.inputs().stream().map(Tensor::name).toList());
    return audio.isPresent()
        ? files(audio.get())
        : utterances(samples.get(), lengths, sampleRate(samples.get(), networkRate));
  }

  private Optional<Tensor> input(String name) {
    return request.inputs().stream().filter(tensor -> tensor.name().equals(name)).findFirst();
  }

  private List<Clip> files(Tensor audio) {
    require(
        audio.data() instanceof TensorData.Strings && isVector(audio.shape()),
        "input 'audio' must be BYTES of shape [n], but is %s of %s"
            .formatted(audio.type(), audio.shape()));
    List<ByteBuffer> files = ((TensorData.Strings) audio.data()).values();
    requireFew(AUDIO, files.size());
    List<Clip> clips = new ArrayList<>(files.size());
    for (int i = 0; i < files.size(); i++) {
      clips.add(new Clip.Encoded(AUDIO + " " + i, files.get(i)));
    }
    return clips;
  }

  /** A tensor without elements may have any number of rows: nothing is made of them before this. */
  private void requireFew(String input, int count) {
    require(
        count >= 1 && count <= most,
        "input '%s' has %d utterances; a request has 1 to %d".formatted(input, count, most));
  }

  private List<Clip> utterances(Tensor samples, Optional<Tensor> lengths, int sampleRate) {
    require(
        (samples.type() == DataType.FP32 || samples.type() == DataType.INT16)
            && samples.shape().size() == 2,
        "input 'samples' must be FP32 or INT16 of shape [n, T], but is %s of %s"
            .formatted(samples.type(), samples.shape()));
    int count = samples.shape().get(0).intValue();
    requireFew(SAMPLES, count);
    int longest = samples.shape().get(1).intValue();
    long[] ends = lengths.map(tensor -> lengths(tensor, count, longest)).orElse(null);
    List<Clip> clips = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int start = i * longest;
      int length = ends == null ? longest : (int) ends[i];
      PcmAudio own = new PcmAudio(copy(samples.data(), start, start + length), sampleRate);
      clips.add(new Clip.Samples(SAMPLES + " " + i, own));
    }
    return clips;
  }

  private static SampleArray copy(TensorData samples, int from, int to) {
    return samples instanceof TensorData.Shorts shorts
        ? new SampleArray.Int16(Arrays.copyOfRange(shorts.values(), from, to))
        : new SampleArray.Floats(
            Arrays.copyOfRange(((TensorData.Floats) samples).values(), from, to));
  }

  private static long[] lengths(Tensor lengths, int count, int longest) {
    require(
        lengths.data() instanceof TensorData.Integers values
            && isVector(lengths.shape())
            && values.size() == count,
        "input 'lengths' must be INT32 or INT64 of shape [%d], but is %s of %s"
            .formatted(count, lengths.type(), lengths.shape()));
    long[] ends = ((TensorData.Integers) lengths.data()).values();
    for (long end : ends) {
      require(
          end >= 0 && end <= longest,
          "a length is %d, but 'samples' has %d in a row".formatted(end, longest));
    }
    return ends;
  }

  /** (n), or (n, 1) as clients with a batch dimension have it. */
  private static boolean isVector(List<Long> shape) {
    return shape.size() == 1 || (shape.size() == 2 && shape.get(1) == 1);
  }

  private int sampleRate(Tensor samples, int networkRate) {
    Object said =
        samples
            .parameters()
            .getOrDefault(
                SAMPLE_RATE, request.parameters().getOrDefault(SAMPLE_RATE, (long) networkRate));
    require(
        said instanceof Long rate && rate > 0 && rate <= Integer.MAX_VALUE,
        "parameter sample_rate must be a rate in Hz, but is " + said);
    return ((Long) said).intValue();
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new TensorException(message);
    }
  }
}
