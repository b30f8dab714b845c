package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.checkpoint.onnx.OnnxProto.ModelProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.TensorProto;
import io.voiceprint.golden.Golden;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No command writes over what it reads. */
final class KeptFilesTest {
  private static final List<String> FAST_BENCH =
      List.of("--batch", "1", "--seconds", "0.3", "--warm-up", "0", "--duration", "0.01");

  @TempDir private Path folder;

  private Path input(String kind) throws IOException {
    Path file = folder.resolve("input." + kind);
    switch (kind) {
      case "safetensors" -> Files.copy(CliRun.DEMO_MODEL, file);
      case "wav" -> Wavs.noise(file, 1);
      case "txt" -> Files.writeString(file, Wavs.noise(folder.resolve("a.wav"), 1) + "\n");
      case "token" -> Files.writeString(file, "0123456789abcdef0123456789abcdef");
      default -> {
        try (InputStream in = getClass().getResourceAsStream("/bench/example.json")) {
          Files.copy(in, file);
        }
      }
    }
    return file;
  }

  /** Once by its own name, once by that of a link to it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "safetensors: bench --device reference --model IN --json OUT FAST",
        "safetensors: bench --device reference --model IN --profile=OUT FAST",
        "safetensors: bench --peer onnxruntime --onnx IN --json OUT FAST",
        "json: bench report IN --output OUT",
        "safetensors: convert --force IN OUT",
        "safetensors: embed --model IN -o OUT a.wav",
        "safetensors: embed --model IN --format csv -o OUT a.wav",
        "wav: embed -o OUT IN",
        "txt: embed -o OUT @IN",
        "safetensors: info --svg OUT IN",
        "safetensors: load --in-process --model IN --json OUT",
        "token: load --url http://127.0.0.1:1 --token-file IN --json OUT",
      })
  void whatIsReadIsNotWritten(String line) throws IOException {
    String[] parts = line.split(": ", 2);
    Path in = input(parts[0]);
    byte[] before = Files.readAllBytes(in);
    Path link = Files.createSymbolicLink(folder.resolve("link"), in);
    for (Path out : List.of(in, link)) {
      CliRun run = CliRun.of(arguments(parts[1], in, out));
      assertEquals(2, run.exitCode(), run.err());
      assertTrue(run.err().contains(out + ": is what this command reads"), run.err());
      assertTrue(Files.isSymbolicLink(link));
      assertArrayEquals(before, Files.readAllBytes(in));
    }
  }

  /** Beside the weights, a file that nobody named is read too. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bench --device reference --model IN --json OUT FAST",
        "convert --force IN OUT",
        "embed --model IN -o OUT a.wav",
        "info --svg OUT IN",
        "load --in-process --model IN --json OUT",
      })
  void theConfigurationOfAModelIsNotWritten(String line) throws IOException {
    Path in = input("safetensors");
    Path out = Files.writeString(folder.resolve("config.json"), "{}");
    CliRun run = CliRun.of(arguments(line, in, out));
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains(out + ": is what this command reads"), run.err());
    assertEquals("{}", Files.readString(out));
  }

  /** What an ONNX file has beside it is named in it alone. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bench --device reference --model IN --json OUT FAST",
        "bench --peer onnxruntime --onnx IN --json OUT FAST",
        "convert --force IN OUT",
        "convert --force --fold --dtype FP16 IN OUT",
        "embed --model IN -o OUT a.wav",
        "info --svg OUT IN",
        "load --in-process --model IN --json OUT",
      })
  void theDataOfAnOnnxModelAreNotWritten(String line) throws IOException {
    Path data = folder.resolve("weights.bin");
    Path in = folder.resolve("model.onnx");
    writeInTwoFiles(in, data);
    byte[] before = Files.readAllBytes(data);
    Path link = Files.createSymbolicLink(folder.resolve("link"), data);
    for (Path out : List.of(data, link)) {
      CliRun run = CliRun.of(arguments(line, in, out));
      assertEquals(2, run.exitCode(), run.err());
      assertTrue(run.err().contains(out + ": is what this command reads"), run.err());
      assertArrayEquals(before, Files.readAllBytes(data));
    }
  }

  private static void writeInTwoFiles(Path model, Path data) throws IOException {
    byte[] whole = Files.readAllBytes(Golden.model("eres2net_micro").resolve("model.onnx"));
    ModelProto.Builder onnx = ModelProto.parseFrom(whole).toBuilder();
    TensorProto.Builder tensor = onnx.getGraphBuilder().getInitializerBuilder(0);
    Files.write(data, tensor.getRawData().toByteArray());
    tensor.clearRawData().setDataLocation(TensorProto.DataLocation.EXTERNAL);
    tensor.addExternalDataBuilder().setKey("location").setValue(data.getFileName().toString());
    Files.write(model, onnx.build().toByteArray());
  }

  private Object[] arguments(String line, Path in, Path out) {
    return Arrays.stream(line.split(" ", -1))
        .flatMap(each -> each.equals("FAST") ? FAST_BENCH.stream() : Stream.of(each))
        .map(each -> each.replace("IN", in.toString()).replace("OUT", out.toString()))
        .map(each -> each.equals("a.wav") ? folder.resolve(each).toString() : each)
        .toArray();
  }

  @Test
  void aListOfFailuresThatIsReadIsNotForgotten() throws IOException {
    Path wav = Wavs.noise(folder.resolve("a.wav"), 1);
    Path list = Files.writeString(folder.resolve("errors.jsonl"), wav + "\n");
    CliRun run = CliRun.of("embed", "--format", "npy", "-o", folder, "@" + list);
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains(list + ": is what this command reads"), run.err());
    assertEquals(wav + "\n", Files.readString(list));
  }

  @Test
  void chartsDoNotReplaceTheirFigures() throws IOException {
    Path example = input("json");
    assertEquals(0, CliRun.of("bench", "report", example, "--charts", folder).exitCode());
    Path chart;
    try (Stream<Path> files = Files.list(folder)) {
      chart = files.filter(file -> file.toString().endsWith(".svg")).findFirst().orElseThrow();
    }
    byte[] figures = Files.readAllBytes(example);
    Files.write(chart, figures);
    CliRun run = CliRun.of("bench", "report", chart, "--charts", folder);
    assertEquals(2, run.exitCode(), run.err());
    assertArrayEquals(figures, Files.readAllBytes(chart));
  }

  @Test
  void resultsAndPictureAreTwoFiles() {
    Path out = folder.resolve("out");
    CliRun run = CliRun.of("bench", "--json", out, "--profile=" + out);
    assertEquals(2, run.exitCode(), run.err());
    assertEquals(
        "voiceprint: --json and --profile: both would be written to %s\n".formatted(out),
        run.err());
  }
}
