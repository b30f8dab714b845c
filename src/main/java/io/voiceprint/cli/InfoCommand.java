package io.voiceprint.cli;

import io.voiceprint.graph.Outline;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code voiceprint info}: what a weight file holds. */
@Command(
    name = "info",
    mixinStandardHelpOptions = true,
    description = "Shows which network a weight file holds, what it costs, and its tensors.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  For people, and for programs:",
      "    voiceprint info eres2net.ckpt",
      "    voiceprint info --json eres2net.safetensors",
      "",
      "  The block diagram as a drawing:",
      "    voiceprint info --svg campplus.svg campplus.onnx",
      "",
      "MACs are the multiply-accumulates for one utterance of 3 s (298 frames).",
      "",
      "Exit code: 0 shown, 1 the drawing cannot be written, 2 wrong usage, 3 not a usable model."
    })
final class InfoCommand implements Callable<Integer> {
  /** Frames of 25 ms every 10 ms in 3 s. */
  static final int FRAMES = 298;

  private final Terminal terminal;

  @Mixin private Verbosity verbosity;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(
      names = "--pooling",
      paramLabel = "P",
      description = "TAP or TSDP, where nothing else tells which.")
  private Pooling pooling;

  @Option(
      names = "--svg",
      paramLabel = "FILE",
      description = "Also draw the network's block diagram into this file.")
  private Path svg;

  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description = "A checkpoint, safetensors or ONNX file.")
  private Path file;

  InfoCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    verbosity.apply(terminal);
    new KeptFiles().addModel(file).refuse(svg);
    ModelFile modelFile = ModelFile.read(file, pooling);
    if (svg != null) {
      SpeakerModel model = modelFile.model();
      String subtitle =
          String.format(
              Locale.ROOT,
              "%,d parameters, embedding of %d values; maps are C × F × T",
              model.parameters(),
              model.graph().embeddingSize());
      String title = model.architecture().paperName();
      PartialFile.write(svg, DiagramSvg.of(Outline.of(model.graph()), title, subtitle));
    }
    terminal.out().print(json ? InfoJson.of(modelFile) : InfoText.of(modelFile));
    return ExitCode.OK;
  }
}
