package io.voiceprint.cli;

import io.voiceprint.bench.SeededNetwork;
import io.voiceprint.diagnosis.CudaPlans;
import io.voiceprint.diagnosis.CudaTuning;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code voiceprint tune}: finds what is fastest on this machine's GPU. */
@Command(
    name = "tune",
    mixinStandardHelpOptions = true,
    description = "Measures how each layer is fastest on this machine's GPU, and keeps that.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  For a model in half precision:",
      "    voiceprint tune --model eres2net.ckpt --precision fp16",
      "  With every measurement:",
      "    voiceprint tune --model eres2net.ckpt -v",
      "  For a published network, whose weights do not matter:",
      "    voiceprint tune --arch eres2net-base",
      "  With the times of all candidates of each layer, and why others are not possible:",
      "    voiceprint tune --model eres2net.ckpt --explain",
      "  Without measuring, what a pass costs by count:",
      "    voiceprint tune --model eres2net.ckpt --plan",
      "  With cuDNN and cuBLAS among the candidates:",
      "    voiceprint tune --model eres2net.ckpt --libraries",
      "",
      "The choices are kept per card, driver and library versions, and are used by every encoder",
      "opened on that card from then on. With --libraries an utterance's embedding agrees in any",
      "company within a small bound, no longer to the bit.",
      "",
      "Exit code: 0 measured and kept, 1 the choices cannot be kept, 2 wrong usage, 3 model or",
      "device unusable."
    })
final class TuneCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private Verbosity verbosity;

  @ArgGroup private Network network = new Network();

  /** Weights from a file, or random ones. */
  static final class Network {
    @Option(
        names = "--model",
        paramLabel = "FILE",
        description = "Weights of the network to measure. Without it, the demo model.")
    private Path model;

    @Option(
        names = "--arch",
        paramLabel = "A",
        description = "Measure a published network, with random weights: ${COMPLETION-CANDIDATES}.")
    private SeededNetwork seeded;
  }

  @Option(
      names = "--precision",
      paramLabel = "P",
      split = ",",
      description = "fp32, tf32 or fp16, several with commas. Without it, all three.")
  private List<Precision> precisions = List.of(Precision.FP32, Precision.TF32, Precision.FP16);

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Length of the clip to measure with. Without it, 3.")
  private double seconds = 3;

  @Option(names = "--libraries", description = "Let cuDNN and cuBLAS be chosen too.")
  private boolean libraries;

  @Option(
      names = "--explain",
      description =
          "Print the times of all candidates of each layer, and why others are not possible.")
  private boolean explain;

  @Option(
      names = "--plan",
      description =
          "Measure nothing: count the graph nodes of a pass and the bytes that its kernels move.")
  private boolean plan;

  TuneCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    verbosity.apply(terminal);
    SpeakerModel model = model();
    if (!(seconds > 0 && seconds <= 60)) {
      throw CommandFailure.usage("--seconds %s: above 0 and at most 60".formatted(seconds));
    }
    int frames = model.frontEnd().frames(Math.round(seconds * model.frontEnd().sampleRate()));
    if (frames < model.graph().minFrames()) {
      throw CommandFailure.usage(
          "--seconds %s: the network needs %d frames, that is %d"
              .formatted(seconds, model.graph().minFrames(), frames));
    }
    if (plan) {
      terminal.out().print(CudaPlans.tables(model, precisions, frames));
      return ExitCode.OK;
    }
    CudaTuning tuning = CudaTuning.measure(model, precisions, frames, libraries, this::progress);
    StringBuilder text = new StringBuilder(tuning.device()).append('\n');
    if (explain) {
      text.append(tuning.explanation());
    } else {
      tuning
          .choices()
          .forEach(
              (layer, choice) ->
                  text.append("  ").append(layer).append(" = ").append(choice).append('\n'));
    }
    text.append("kept in ").append(tuning.file()).append('\n');
    terminal.out().print(text);
    return ExitCode.OK;
  }

  private SpeakerModel model() throws IOException {
    if (network.seeded != null) {
      return network.seeded.build();
    }
    return SpeakerModel.load(
        network.model == null ? DemoModel.locate(terminal) : network.model, null);
  }

  private void progress(String line) {
    if (terminal.verbosity() > 0) {
      terminal.notice(line);
    }
  }
}
