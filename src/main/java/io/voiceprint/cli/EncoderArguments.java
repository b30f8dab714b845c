package io.voiceprint.cli;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.audio.ChannelChoice;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.Pooling;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which model computes, where and how: the options that every computing command has. */
final class EncoderArguments {
  @Option(
      names = "--model",
      paramLabel = "FILE",
      description =
          "Weights: a PyTorch checkpoint, safetensors or ONNX file. Without it, the demo model is used, which is not fit for production.")
  private Path model;

  @Option(
      names = "--device",
      paramLabel = "D",
      description =
          "What computes: auto, cuda, cpu or reference. Without it, auto: the best that is there.")
  private Device device = EncoderOptions.DEFAULTS.device();

  @Option(
      names = "--precision",
      paramLabel = "P",
      description = "fp32, tf32, fp16 or bf16, as far as the device has it. Without it, fp32.")
  private Precision precision = EncoderOptions.DEFAULTS.precision();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "CPU threads. Without it, as many as there are processors.")
  private int threads = EncoderOptions.DEFAULTS.threads();

  @Option(
      names = "--lanes",
      paramLabel = "N",
      description =
          "Utterances that the device cpu computes at the same time; they share the threads, and one of more than 6 s takes two lanes unless others wait. Without it, 1, which answers a single call fastest; a few bear more load.")
  private int lanes = EncoderOptions.DEFAULTS.lanes();

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Most files in one pass of the network. Without it, 32.")
  private int batch = EncoderOptions.DEFAULTS.batchUtterances();

  @Option(
      names = "--channel",
      paramLabel = "C",
      description =
          "What to take of several channels: first, or mix for their mean. Without it, first.")
  private ChannelChoice channel = EncoderOptions.DEFAULTS.channel();

  @Option(
      names = "--pooling",
      paramLabel = "P",
      description =
          "TSTP, TAP, TSDP or ASTP. Needed only where the weights do not tell TAP from TSDP and no config.json does.")
  private Pooling pooling;

  /** The weights that are named, or else the demo model's, which need not be there. */
  Path model() {
    return model == null ? DemoModel.file() : model;
  }

  int threads() {
    return threads;
  }

  int batch() {
    return batch;
  }

  /**
   * Opens the model on the device.
   *
   * @throws CommandFailure if an option is out of its range, or there is no model
   */
  SpeakerEncoder open(Terminal terminal) {
    EncoderOptions options = options();
    return SpeakerEncoder.open(model == null ? DemoModel.locate(terminal) : model, options);
  }

  private EncoderOptions options() {
    try {
      EncoderOptions options =
          EncoderOptions.DEFAULTS
              .withDevice(device)
              .withPrecision(precision)
              .withThreads(threads)
              .withLanes(lanes)
              .withBatch(batch, EncoderOptions.DEFAULTS.batchSeconds())
              .withChannel(channel);
      return pooling == null ? options : options.withPooling(pooling);
    } catch (IllegalArgumentException e) {
      throw CommandFailure.usage(e.getMessage());
    }
  }
}
