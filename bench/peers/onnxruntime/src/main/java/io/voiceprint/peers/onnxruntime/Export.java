package io.voiceprint.peers.onnxruntime;

import io.voiceprint.bench.SeededNetwork;
import io.voiceprint.model.SpeakerModel;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a network as ONNX. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = "Writes a network as ONNX, as torch.onnx.export would.")
final class Export implements Callable<Integer> {
  @ArgGroup(multiplicity = "1")
  private Network network;

  @Parameters(paramLabel = "OUT", description = "The file to write.")
  private Path out;

  /** Weights from a file, or random ones. */
  static final class Network {
    @Option(names = "--model", paramLabel = "FILE", description = "A weight file.")
    private Path model;

    @Option(names = "--arch", paramLabel = "A", description = "One of ${COMPLETION-CANDIDATES}.")
    private SeededNetwork seeded;

    SpeakerModel load() throws Exception {
      return model == null ? seeded.build() : SpeakerModel.load(model, null);
    }

    /** The weight file; {@code null} for random weights. */
    Path file() {
      return model;
    }

    String name() {
      return model == null ? seeded.toString() : String.valueOf(model.getFileName());
    }
  }

  @Override
  public Integer call() throws Exception {
    OnnxExport.write(network.load().graph(), out);
    return 0;
  }
}
