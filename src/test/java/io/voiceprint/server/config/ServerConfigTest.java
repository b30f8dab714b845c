package io.voiceprint.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.engine.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where settings come from, which one counts, and what is said of a wrong one. */
class ServerConfigTest {
  @TempDir private Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("voiceprint.yaml"), text);
  }

  private static ServerConfig of(Map<Setting, String> flags) {
    return ServerConfig.of(flags, List.of(), Map.of(), Optional.empty());
  }

  private static String failure(
      Map<Setting, String> flags, Map<String, String> environment, Optional<Path> file) {
    return assertThrows(
            ConfigException.class, () -> ServerConfig.of(flags, List.of(), environment, file))
        .getMessage();
  }

  @Test
  void isLocalOpenAndModestByDefault() {
    ServerConfig config = of(Map.of());
    assertEquals("127.0.0.1", config.host());
    assertEquals(8080, config.port());
    assertEquals(List.of(), config.models());
    assertFalse(config.modelControl());
    assertTrue(config.security().tokens().isEmpty() && config.security().tls().isEmpty());
    assertEquals(64L << 20, config.limits().bodyBytes());
    assertEquals(Duration.ofMinutes(10), config.limits().audio());
  }

  @Test
  void flagsWinOverTheEnvironmentWhichWinsOverTheFile() throws IOException {
    Path file = file("port: 1\nqueue: 2\nbatch: 3\n");
    ServerConfig config =
        ServerConfig.of(
            Map.of(Setting.PORT, "10"),
            List.of("m=a.ckpt"),
            Map.of("VOICEPRINT_SERVE_PORT", "20", "VOICEPRINT_SERVE_QUEUE", "30", "OTHER", "x"),
            Optional.of(file));
    assertEquals(10, config.port());
    assertEquals(30, config.models().get(0).options().queueUtterances());
    assertEquals(3, config.models().get(0).options().batchUtterances());
  }

  @Test
  void aFileHasModelsWithSettingsOfTheirOwn() throws IOException {
    Path file =
        file(
            """
            precision: fp16
            warm-up-seconds: [1, 2.5]
            models:
              base: weights/base.ckpt   # relative to the file
              large:
                file: /models/large.ckpt
                precision: fp32
                pooling: TSTP
                batch: 4
                threads: 8
                lanes: 4
            """);
    ServerConfig config = ServerConfig.of(Map.of(), List.of(), Map.of(), Optional.of(file));
    ModelSpec base = config.models().get(0);
    assertEquals("base", base.name());
    assertEquals(folder.resolve("weights/base.ckpt"), base.file());
    assertEquals(Precision.FP16, base.options().precision());
    assertEquals(List.of(1.0, 2.5), base.warmUpSeconds());
    ModelSpec large = config.models().get(1);
    assertEquals(Path.of("/models/large.ckpt"), large.file());
    assertEquals(Precision.FP32, large.options().precision());
    assertEquals(4, large.options().batchUtterances());
    assertEquals(4, large.options().lanes());
    assertEquals(1, base.options().lanes());
    assertEquals("TSTP", large.options().pooling().orElseThrow().name());
  }

  @Test
  void modelsOfTheCommandLineReplaceThoseOfTheFile() throws IOException {
    Path file = file("models: {base: base.ckpt}\n");
    ServerConfig config =
        ServerConfig.of(Map.of(), List.of("a=x.ckpt", "b=y.ckpt"), Map.of(), Optional.of(file));
    assertEquals(List.of("a", "b"), config.models().stream().map(ModelSpec::name).toList());
    ServerConfig environment =
        ServerConfig.of(
            Map.of(),
            List.of(),
            Map.of("VOICEPRINT_SERVE_MODELS", "c=x.ckpt,d=y.ckpt"),
            Optional.of(file));
    assertEquals(List.of("c", "d"), environment.models().stream().map(ModelSpec::name).toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
port: 8080\\nprot: 1        | voiceprint.yaml:2: unknown key 'prot'; did you mean 'port'?
port: 8080\\nport: 1        | voiceprint.yaml:2: port is there already
port: many                  | voiceprint.yaml:1: port: 'many' is not a whole number from 0 to 65535
max-seconds: -1             | voiceprint.yaml:1: max-seconds: '-1' is not a number from 0.1 to 86400
gpus: [1, 0, 1]             | voiceprint.yaml:1: gpus: a GPU is named twice
model-control: perhaps      | voiceprint.yaml:1: model-control: 'perhaps' is neither true nor false
device: gpu                 | voiceprint.yaml:1: device: 'gpu' is not one of auto, cuda, cpu, reference
port: {a: b}                | voiceprint.yaml:1: a single value belongs here
- 1                         | voiceprint.yaml:1: the file must be a mapping
models: {a: {batch: 1}}     | voiceprint.yaml:1: models.a has no file
models: {a: {file: x, port: 1}}  | voiceprint.yaml:1: unknown key 'port'; did you mean
models: {../a: x}           | cannot be a model's name
'port: "80'                 | voiceprint.yaml:1: is not YAML
port: !!java.io.File [x]    | 'x' is not a whole number
""")
  void aWrongFileIsNamedWithLineAndKey(String text, String message) throws IOException {
    Path file = file(text.replace("\\n", "\n"));
    String failure = failure(Map.of(), Map.of(), Optional.of(file));
    assertTrue(failure.contains(message), failure);
    assertTrue(failure.startsWith(file.toString()), failure);
  }

  @Test
  void aWrongVariableOrFlagIsNamed() throws IOException {
    assertEquals(
        "unknown environment variable VOICEPRINT_SERVE_PROT; did you mean VOICEPRINT_SERVE_PORT?",
        failure(Map.of(), Map.of("VOICEPRINT_SERVE_PROT", "1"), Optional.empty()));
    assertEquals(
        "VOICEPRINT_SERVE_PORT: 'x' is not a whole number from 0 to 65535",
        failure(Map.of(), Map.of("VOICEPRINT_SERVE_PORT", "x"), Optional.empty()));
    assertEquals(
        "--port: '70000' is not a whole number from 0 to 65535",
        failure(Map.of(Setting.PORT, "70000"), Map.of(), Optional.empty()));
    String missing = failure(Map.of(), Map.of(), Optional.of(folder.resolve("none.yaml")));
    assertTrue(missing.endsWith("none.yaml: no such file"), missing);
    assertEquals(
        folder + ": cannot be read: Is a directory",
        failure(Map.of(), Map.of(), Optional.of(folder)));
    Path binary = Files.write(folder.resolve("binary.yaml"), new byte[] {'a', ':', (byte) 0xff});
    assertEquals(binary + ": is not UTF-8", failure(Map.of(), Map.of(), Optional.of(binary)));
    String tls = failure(Map.of(Setting.TLS_KEY, "key.pem"), Map.of(), Optional.empty());
    assertTrue(tls.contains("tls-certificate is missing"), tls);
  }

  @Test
  void tokensAreLongEnough() throws IOException {
    Path tokens = Files.writeString(folder.resolve("tokens"), "# a comment\n\nshort\n");
    String failure =
        failure(Map.of(Setting.TOKEN_FILE, tokens.toString()), Map.of(), Optional.empty());
    assertTrue(failure.contains("shorter than 16 characters"), failure);
    assertFalse(failure.contains("'short'"), failure);
  }

  /** No client could send it in a header as it stands there. */
  @ParameterizedTest
  @ValueSource(strings = {"äöüäöüäöüäöüäöüäöü", "two words that are long"})
  void tokensFitIntoAHeader(String token) throws IOException {
    Path tokens = Files.writeString(folder.resolve("tokens"), token);
    String failure =
        failure(Map.of(Setting.TOKEN_FILE, tokens.toString()), Map.of(), Optional.empty());
    assertTrue(failure.contains("visible ones of ASCII"), failure);
    assertFalse(failure.contains(token), failure);
  }

  @Test
  void whatIsPrintedHasEachModelsOwnSettings() throws IOException {
    Path file =
        file(
            """
            queue: 7
            models:
              a:
                file: /a.ckpt
                gpus: [1, 0]
                pooling: TSTP
                batch: 16
                batch-seconds: 44.5
                queue: 9
                channel: mix
                max-delay-ms: 2.5
                warm-up-seconds: [2, 0.5]
              b: {file: /b.ckpt, warm-up-seconds: ''}
            """);
    ServerConfig config = ServerConfig.of(Map.of(), List.of(), Map.of(), Optional.of(file));
    Path again = file(ConfigText.of(config));
    assertEquals(
        config.models(),
        ServerConfig.of(Map.of(), List.of(), Map.of(), Optional.of(again)).models());
  }

  @Test
  void whatIsPrintedGivesTheSameConfiguration() throws IOException {
    ServerConfig config =
        ServerConfig.of(
            Map.of(Setting.PORT, "81", Setting.WARM_UP_SECONDS, "1,2"),
            List.of("a=/x y/it's.ckpt"),
            Map.of(),
            Optional.empty());
    String text = ConfigText.of(config);
    assertTrue(text.contains("port: 81  # --port\n"), text);
    assertTrue(text.contains("queue: 256  # default\n"), text);
    ServerConfig again = ServerConfig.of(Map.of(), List.of(), Map.of(), Optional.of(file(text)));
    assertEquals(config.port(), again.port());
    assertEquals(config.models(), again.models());
    assertEquals(config.limits(), again.limits());
    assertEquals(config.timeouts(), again.timeouts());
  }

  @Test
  void aFolderOffersItsWeightFilesByName() throws IOException {
    for (String name :
        List.of("a.ckpt", "a.safetensors", "b.onnx", "notes.txt", ".ckpt", "x y.pt")) {
      Files.writeString(folder.resolve(name), "");
    }
    Files.createDirectory(folder.resolve("c.ckpt"));
    ServerConfig config = of(Map.of(Setting.MODEL_FOLDER, folder.toString()));
    Map<String, ModelSpec> models = config.folder().orElseThrow().models();
    assertEquals(List.of("a", "b"), List.copyOf(models.keySet()));
    assertEquals(folder.resolve("a.ckpt"), models.get("a").file());
  }
}
