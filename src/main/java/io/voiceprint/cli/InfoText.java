package io.voiceprint.cli;

import io.voiceprint.checkpoint.StoredTensor;
import io.voiceprint.graph.GraphCost;
import io.voiceprint.graph.Outline;
import io.voiceprint.model.SpeakerModel;
import java.util.Arrays;
import java.util.Locale;

/** What a weight file holds, for people. */
final class InfoText {
  private InfoText() {}

  static String of(ModelFile file) {
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
            Locale.ROOT,
            "%,d for 3 s (%d frames)",
            GraphCost.macs(model.graph(), InfoCommand.FRAMES),
            InfoCommand.FRAMES));
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
                  tensor.dtype().name().toLowerCase(Locale.ROOT),
                  Arrays.toString(tensor.shape())));
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String label, Object value) {
    text.append("%-16s%s%n".formatted(label, value));
  }
}
