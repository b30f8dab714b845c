package io.voiceprint.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.voiceprint.Embedding;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.audio.AudioWarning;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code voiceprint verify}: do two recordings hold the same voice? */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = "Compares the voices of two audio files.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  Score, decision and time, for people:",
      "    voiceprint verify monday.wav tuesday.wav",
      "  For programs, {\"a\":…,\"b\":…,\"score\":…,\"threshold\":…,\"same\":…}:",
      "    voiceprint verify --json monday.wav tuesday.wav",
      "  With a model and a threshold of one's own:",
      "    voiceprint verify --model eres2net.ckpt --threshold 0.42 monday.wav tuesday.wav",
      "",
      "The score is the cosine of the two embeddings, from -1 to 1; at or above the threshold they",
      "count as one speaker. The threshold is the option's, or else what the model states in its",
      "config.json or safetensors metadata; where neither does, there is a score but no decision.",
      "",
      "Exit code: 0 computed (same or not), 1 a file failed, 2 wrong usage, 3 model or device unusable."
    })
final class VerifyCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private EncoderArguments encoderArguments;
  @Mixin private Verbosity verbosity;

  @Option(
      names = "--threshold",
      paramLabel = "X",
      description = "Score, -1 to 1, from which on two voices count as the same.")
  private Double threshold;

  @Option(names = "--json", description = "Print a line of JSON.")
  private boolean json;

  @Parameters(index = "0", paramLabel = "A", description = "One audio file.")
  private Path a;

  @Parameters(index = "1", paramLabel = "B", description = "The other.")
  private Path b;

  VerifyCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    verbosity.apply(terminal);
    if (threshold != null && !(threshold >= -1 && threshold <= 1)) {
      throw CommandFailure.usage("--threshold %s: a cosine is -1 to 1".formatted(threshold));
    }
    long start = System.nanoTime();
    try (SpeakerEncoder encoder = encoderArguments.open(terminal)) {
      long opened = System.nanoTime();
      double score = embed(encoder, a).cosine(embed(encoder, b));
      long end = System.nanoTime();
      OptionalDouble limit =
          threshold == null ? encoder.modelInfo().threshold() : OptionalDouble.of(threshold);
      if (json) {
        terminal.out().print(json(score, limit));
      } else {
        terminal.out().print(text(score, limit));
        terminal
            .out()
            .print(
                String.format(
                    Locale.ROOT,
                    "time       %.2f s for the model, %.2f s for the audio%n",
                    (opened - start) / 1e9,
                    (end - opened) / 1e9));
      }
    }
    return ExitCode.OK;
  }

  private Embedding embed(SpeakerEncoder encoder, Path file) {
    Embedding embedding = encoder.embed(file);
    for (AudioWarning warning : embedding.warnings()) {
      terminal.notice("warning: %s: %s".formatted(file, warning.message()));
    }
    return embedding;
  }

  private static String text(double score, OptionalDouble limit) {
    String text = String.format(Locale.ROOT, "score      %.4f (cosine)%n", score);
    if (limit.isEmpty()) {
      return text
          + """
            decision   none: the model states no threshold. Score pairs of your own, some of the
                       same speaker and some not, choose the value that parts them at the errors
                       you can bear, and give it with --threshold
            """;
    }
    return text
        + String.format(Locale.ROOT, "threshold  %s%n", limit.getAsDouble())
        + (score >= limit.getAsDouble()
            ? "decision   the same speaker\n"
            : "decision   different speakers\n");
  }

  private String json(double score, OptionalDouble limit) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = new JsonFactory().createGenerator(text)) {
      generator.writeStartObject();
      generator.writeStringField("a", a.toString());
      generator.writeStringField("b", b.toString());
      generator.writeNumberField("score", score);
      if (limit.isPresent()) {
        generator.writeNumberField("threshold", limit.getAsDouble());
        generator.writeBooleanField("same", score >= limit.getAsDouble());
      }
      generator.writeEndObject();
    }
    return text + "\n";
  }
}
