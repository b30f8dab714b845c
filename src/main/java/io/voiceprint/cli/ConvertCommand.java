package io.voiceprint.cli;

import io.voiceprint.checkpoint.DType;
import io.voiceprint.checkpoint.SafetensorsWriter;
import io.voiceprint.checkpoint.StoredTensor;
import io.voiceprint.graph.Tensor;
import io.voiceprint.model.Pooling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code voiceprint convert}: any weight file to safetensors. */
@Command(
    name = "convert",
    mixinStandardHelpOptions = true,
    description = "Converts a weight file to safetensors.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  The same tensors without pickle, which gives the same embeddings:",
      "    voiceprint convert eres2net.ckpt eres2net.safetensors",
      "  With batch norm folded into the layers, at half the size:",
      "    voiceprint convert --fold --dtype fp16 eres2net.ckpt eres2net_fp16.safetensors",
      "",
      "Pooling, sizes and threshold go into the metadata of the new file, so it needs no config.json.",
      "The counters num_batches_tracked, which only training uses, are left out. The new file is",
      "read back before it gets its name; an existing one is kept unless --force is given.",
      "",
      "Exit code: 0 converted, 1 not written, 2 wrong usage, 3 not a usable model."
    })
final class ConvertCommand implements Callable<Integer> {
  /** Element types of the new file. */
  enum Type {
    FP32(DType.FLOAT32),
    FP16(DType.FLOAT16);

    private final DType stored;

    Type(DType stored) {
      this.stored = stored;
    }
  }

  private final Terminal terminal;

  @Mixin private Verbosity verbosity;

  @Option(
      names = "--fold",
      description = "Fold batch norm into the layers before it or behind it. Done anyway for ONNX.")
  private boolean fold;

  @Option(
      names = "--dtype",
      paramLabel = "T",
      description = "fp32 or fp16 (rounded). Without it, fp32.")
  private Type type = Type.FP32;

  @Option(
      names = "--pooling",
      paramLabel = "P",
      description = "TAP or TSDP, where nothing else tells which.")
  private Pooling pooling;

  @Option(names = "--force", description = "Replace OUT if it is there already.")
  private boolean force;

  @Parameters(
      index = "0",
      paramLabel = "IN",
      description = "A checkpoint, safetensors or ONNX file.")
  private Path in;

  @Parameters(index = "1", paramLabel = "OUT.safetensors", description = "The file to write.")
  private Path out;

  ConvertCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    verbosity.apply(terminal);
    PartialFile.check(out);
    new KeptFiles().addModel(in).refuse(out);
    if (Files.exists(out) && !force) {
      throw CommandFailure.usage(out + ": is there already; --force replaces it");
    }
    ModelFile source = ModelFile.read(in, pooling);
    SafetensorsWriter writer = new SafetensorsWriter();
    source.tensors().metadata().forEach(writer::metadata);
    source.description().forEach(writer::metadata);
    try {
      // The tensors of an ONNX file have no names that a loader of weights would know.
      if (fold || source.tensors().network() != null) {
        addFolded(source, writer);
      } else {
        addAsStored(source, writer);
      }
    } catch (IllegalArgumentException e) {
      throw CommandFailure.unusable(
          "%s: cannot be stored as %s: %s".formatted(in, type, e.getMessage()));
    }
    try (PartialFile partial = PartialFile.create(out)) {
      write(writer, partial.path());
      ModelFile readBack = ModelFile.read(partial.path(), null);
      if (!readBack.description().equals(source.description())) {
        throw CommandFailure.failed(
            "%s: would not be read as what %s is: %s, expected %s"
                .formatted(out, in, readBack.description(), source.description()));
      }
      partial.complete();
    }
    return ExitCode.OK;
  }

  private void write(SafetensorsWriter writer, Path partial) throws IOException {
    try {
      writer.write(partial);
    } catch (IOException e) {
      throw Unwritable.of(out, e);
    }
  }

  private void addFolded(ModelFile source, SafetensorsWriter writer) {
    for (Map.Entry<String, Tensor> entry : source.model().foldedTensors().entrySet()) {
      Tensor tensor = entry.getValue();
      writer.add(entry.getKey(), type.stored, tensor.shape(), tensor.data());
    }
  }

  private void addAsStored(ModelFile source, SafetensorsWriter writer) throws IOException {
    int dropped = 0;
    for (String name : source.tensors().names()) {
      StoredTensor tensor = source.tensors().tensor(name);
      if (tensor.dtype().isFloatingPoint()) {
        writer.add(name, type.stored, tensor.shape(), tensor.readFloats());
      } else {
        dropped++;
      }
    }
    if (dropped > 0) {
      terminal.notice(
          "left out %s that only training uses (num_batches_tracked)"
              .formatted(Terminal.count(dropped, "counter")));
    }
  }
}
