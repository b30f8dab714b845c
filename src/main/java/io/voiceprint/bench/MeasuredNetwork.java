package io.voiceprint.bench;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.model.SpeakerModel;
import java.nio.file.Path;
import java.util.List;

/**
 * The network that is measured.
 *
 * @param name of its file, or of the published network whose shape it has
 * @param origin how to say on a command line where it comes from: {@code --model FILE} or {@code
 *     --arch NAME}
 */
public record MeasuredNetwork(String name, SpeakerModel model, List<String> origin) {
  static final String FILE = "--model";
  static final String SEEDED = "--arch";

  /** Copies. */
  public MeasuredNetwork {
    origin = List.copyOf(origin);
  }

  /**
   * Weights from a file.
   *
   * @throws CheckpointException if it cannot be read
   */
  public static MeasuredNetwork load(Path file) throws CheckpointException {
    return new MeasuredNetwork(
        file.getFileName().toString(),
        SpeakerModel.load(file, null),
        List.of(FILE, file.toAbsolutePath().toString()));
  }

  /** Random weights. */
  public static MeasuredNetwork of(SeededNetwork network) {
    return new MeasuredNetwork(
        network.toString(), network.build(), List.of(SEEDED, network.toString()));
  }

  /** The inverse of {@link #origin}. */
  static MeasuredNetwork from(String option, String value) throws CheckpointException {
    return option.equals(FILE) ? load(Path.of(value)) : of(SeededNetwork.named(value));
  }
}
