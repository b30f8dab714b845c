package io.voiceprint.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.voiceprint.checkpoint.StoredTensor;
import io.voiceprint.graph.GraphCost;
import io.voiceprint.graph.Outline;
import io.voiceprint.model.Architecture;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
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
  private static final int FRAMES = 298;

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
    new KeptFiles().add(file).refuse(svg);
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
    terminal.out().print(json ? json(modelFile) : text(modelFile));
    return ExitCode.OK;
  }

  private static String text(ModelFile file) {
    SpeakerModel model = file.model();
    StringBuilder text = new StringBuilder();
    String threshold =
        model.threshold().isPresent()
            ? String.valueOf(model.threshold().getAsDouble())
            : "none stated";
    line(text, "file", model.source());
    line(text, "model", model.architecture());
    line(text, "parameters", String.format(Locale.ROOT, "%,d", model.parameters()));
    line(
        text,
        "MACs",
        String.format(
            Locale.ROOT, "%,d for 3 s (%d frames)", GraphCost.macs(model.graph(), FRAMES), FRAMES));
    line(text, "embedding size", model.architecture().embeddingSize());
    line(text, "pooling", model.architecture().pooling());
    line(text, "threshold", threshold);
    text.append("\nblocks (C × F × T; weights after folding)\n");
    text.append(DiagramText.of(Outline.of(model.graph()))).append('\n');
    line(text, "tensors", file.tensors().names().size());
    int width = file.tensors().names().stream().mapToInt(String::length).max().orElse(0);
    for (String name : file.tensors().names()) {
      StoredTensor tensor = file.tensors().tensor(name);
      text.append(
          "  %s  %s  %s%n"
              .formatted(
                  name + " ".repeat(width - name.length()),
                  dtype(tensor),
                  Arrays.toString(tensor.shape())));
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String label, Object value) {
    text.append("%-16s%s%n".formatted(label, value));
  }

  private static String dtype(StoredTensor tensor) {
    return tensor.dtype().name().toLowerCase(Locale.ROOT);
  }

  private static String json(ModelFile file) throws IOException {
    SpeakerModel model = file.model();
    Architecture net = model.architecture();
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
      out.useDefaultPrettyPrinter();
      out.writeStartObject();
      out.writeStringField("file", model.source().toString());
      out.writeStringField("model", net.paperName());
      out.writeStringField("description", net.toString());
      out.writeNumberField("parameters", model.parameters());
      out.writeNumberField("frames", FRAMES);
      out.writeNumberField("macs", GraphCost.macs(model.graph(), FRAMES));
      out.writeNumberField("embedding_size", net.embeddingSize());
      out.writeStringField("pooling", net.pooling().name());
      if (model.threshold().isPresent()) {
        out.writeNumberField("threshold", model.threshold().getAsDouble());
      }
      out.writeArrayFieldStart("tensors");
      for (String name : file.tensors().names()) {
        StoredTensor tensor = file.tensors().tensor(name);
        out.writeStartObject();
        out.writeStringField("name", name);
        out.writeFieldName("shape");
        out.writeArray(tensor.shape(), 0, tensor.shape().length);
        out.writeStringField("dtype", dtype(tensor));
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeEndObject();
    }
    return text + "\n";
  }
}
