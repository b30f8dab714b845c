package io.voiceprint.cli;

import io.voiceprint.SpeakerEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code voiceprint embed}: audio files to embeddings. */
@Command(
    name = "embed",
    mixinStandardHelpOptions = true,
    description = "Computes the speaker embedding of each audio file.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  One file; a line of JSON on standard output:",
      "    voiceprint embed call.wav",
      "  All audio files below a folder, into a file:",
      "    voiceprint embed -o corpus.jsonl corpus/",
      "  The files that a list names, one path per line:",
      "    voiceprint embed @files.txt > corpus.jsonl",
      "  One NumPy file each, embeddings/a/b.wav.npy for corpus/a/b.wav:",
      "    voiceprint embed --format npy -o embeddings corpus/",
      "  On a GPU, in half precision, with a model of one's own:",
      "    voiceprint embed --model eres2net.ckpt --device cuda --precision fp16 corpus/",
      "",
      "Output:",
      "  jsonl  {\"file\":…,\"seconds\":…,\"embedding\":[…]} on each line; with \"warnings\":[…]",
      "         where the audio is doubtful; {\"file\":…,\"error\":…} for a file that fails",
      "  json   the same objects in one array",
      "  csv    a table: file,seconds,e0,e1,…,error",
      "  npy    one float32 vector per file, below the folder -o; failures in its errors.jsonl.",
      "         A different result that is there already is kept and reported; --force replaces it",
      "With -o FILE, an earlier FILE is replaced; json and csv appear only when complete.",
      "A file whose name begins with @ is written ./@name; one that begins with - comes after --.",
      "",
      "Exit code: 0 all done, 1 some files failed, 2 wrong usage, 3 model or device unusable."
    })
final class EmbedCommand implements Callable<Integer> {
  /** Shapes of output. */
  enum Format {
    JSONL,
    JSON,
    NPY,
    CSV
  }

  private final Terminal terminal;

  @Mixin private EncoderArguments encoderArguments;
  @Mixin private Verbosity verbosity;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "jsonl, json, npy or csv. Without it, jsonl.")
  private Format format = Format.JSONL;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      description = "File, for npy folder, to write to instead of standard output.")
  private Path output;

  @Option(
      names = "--force",
      description = "With npy, replace results that are there already and differ.")
  private boolean force;

  @Parameters(
      paramLabel = "AUDIO",
      arity = "1..*",
      description = "Audio files, folders of them, or @list.txt.")
  private List<String> audio;

  EmbedCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    verbosity.apply(terminal);
    List<AudioInput> inputs = AudioInputs.of(audio);
    checkOutput(inputs);
    try (SpeakerEncoder encoder = encoderArguments.open(terminal);
        ResultSink sink = openSink(encoder.limits().embeddingSize())) {
      EmbedRun run =
          new EmbedRun(encoder, sink, terminal, encoderArguments.threads(), showsProgress(inputs));
      int exitCode = run.embed(inputs);
      sink.finish();
      return exitCode;
    }
  }

  private void checkOutput(List<AudioInput> inputs) throws IOException {
    if (format == Format.NPY) {
      if (output == null) {
        throw CommandFailure.usage("--format npy needs a folder to write to: -o DIR");
      }
      if (Files.exists(output) && !Files.isDirectory(output)) {
        throw CommandFailure.usage(output + ": exists and is not a folder");
      }
      NpyFolder.check(output, inputs, kept());
      return;
    }
    if (output == null) {
      return;
    }
    if (Files.isDirectory(output)) {
      throw CommandFailure.usage(output + ": is a folder; -o needs a file here");
    }
    kept().addAll(inputs.stream().map(AudioInput::file).toList()).refuse(output);
  }

  private KeptFiles kept() {
    return new KeptFiles().addModel(encoderArguments.model()).addAll(AudioInputs.lists(audio));
  }

  private ResultSink openSink(int embeddingSize) throws IOException {
    return switch (format) {
      case NPY -> NpyFolder.open(output, force);
      case JSONL -> openText(ResultText.JSONL, embeddingSize);
      case JSON -> openText(ResultText.JSON, embeddingSize);
      case CSV -> openText(ResultText.CSV, embeddingSize);
    };
  }

  private ResultSink openText(ResultText text, int embeddingSize) throws IOException {
    if (output == null) {
      return TextSink.toStandardOutput(text, embeddingSize, terminal);
    }
    if (Files.isRegularFile(output) && Files.size(output) > 0) {
      terminal.notice("replacing " + output);
    }
    return TextSink.toFile(text, embeddingSize, output, terminal);
  }

  /** A bar is of use for many files, and where it cannot mix with results. */
  private boolean showsProgress(List<AudioInput> inputs) {
    return inputs.size() > 1
        && terminal.verbosity() >= 0
        && Terminal.isTerminal(2)
        && (output != null || !Terminal.isTerminal(1));
  }
}
