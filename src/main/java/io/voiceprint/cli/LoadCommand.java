package io.voiceprint.cli;

import io.voiceprint.SpeakerEncoder;
import io.voiceprint.bench.Load;
import io.voiceprint.load.EmbedAll;
import io.voiceprint.load.LoadClip;
import io.voiceprint.load.LoadPlan;
import io.voiceprint.load.LoadReport;
import io.voiceprint.load.LoadRun;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code voiceprint load}: what a running server bears. */
@Command(
    name = "load",
    mixinStandardHelpOptions = true,
    description = "Puts load on a running server and says what became of every request.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  16 callers, each waiting for its answer, for half a minute:",
      "    voiceprint load --url http://127.0.0.1:8080 --concurrency 16 --duration 30",
      "  40 requests a second, whether or not they are answered, at random times:",
      "    voiceprint load --url http://127.0.0.1:8080 --rate 40 --arrivals poisson",
      "  What the library does with the same clips and no server:",
      "    voiceprint load --in-process --model eres2net.ckpt --device cpu",
      "  A server whose certificate, here cert.pem, Java does not know:",
      "    keytool -importcert -noprompt -file cert.pem -keystore known.p12 -storepass changeit",
      "    export VOICEPRINT_JAVA_OPTS=\"-Djavax.net.ssl.trustStore=known.p12",
      "      -Djavax.net.ssl.trustStorePassword=changeit\"",
      "    voiceprint load --url https://localhost:8443",
      "",
      "Clips are synthetic WAV files of lengths from --seconds, the same each time; to warm up, and",
      "alone, each is sent once at least. In an open loop (--rate) latency counts from when a request",
      "was due. A request without an answer is lost.",
      "",
      "Exit code: 0 every request was answered, 1 some were lost or answered wrongly, 2 wrong usage,",
      "3 no server answers, or with --in-process the model or device cannot be used."
    })
final class LoadCommand implements Callable<Integer> {
  private static final int MAX_CLIPS = 10_000;
  private static final double LONGEST_SECONDS = 600;

  private final Terminal terminal;

  @Mixin private Verbosity verbosity;
  @Mixin private EncoderArguments encoder;

  @ArgGroup(multiplicity = "1")
  private Target target;

  /** Where the clips go. */
  private static final class Target {
    @Option(
        names = "--url",
        paramLabel = "URL",
        description = "Address of the server, such as http://127.0.0.1:8080.")
    private URI url;

    @Option(
        names = "--in-process",
        description = "Embed the clips in this process, without a server, for comparison.")
    private boolean inProcess;
  }

  @Option(
      names = "--ask-for",
      paramLabel = "NAME",
      description = "Model to ask the server for. Without it, its only one.")
  private String askFor;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "API token, where the server wants one.")
  private Path tokenFile;

  @Mixin private LoopArguments loop;

  @Option(
      names = "--alone",
      paramLabel = "S",
      description =
          "First send from a single caller for S seconds, to set the latencies beside its. Without it, 0.")
  private double alone;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      split = "-",
      description = "Lengths of the clips, such as 1-10 or 3. Without it, 1-10.")
  private List<Double> seconds = List.of(1.0, 10.0);

  @Option(names = "--clips", paramLabel = "N", description = "Different clips. Without it, 64.")
  private int clips = 64;

  @Option(
      names = "--timeout",
      paramLabel = "S",
      description = "Seconds after which a request counts as lost. Without it, 60.")
  private double timeout = 60;

  @Option(
      names = "--hold",
      paramLabel = "N",
      description =
          "Also hold N connections that are idle or send a byte a second, from the warm-up on.")
  private int hold;

  @Option(
      names = "--pid",
      paramLabel = "PID",
      description = "Process of the server, if it is here, whose memory is watched (Linux).")
  private Long pid;

  @Option(names = "--json", paramLabel = "OUT", description = "Write the results to a file too.")
  private Path json;

  LoadCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    verbosity.apply(terminal);
    if (json != null) {
      new KeptFiles().add(tokenFile).addModel(encoder.model()).refuse(json);
      PartialFile.check(json);
    }
    if (target.inProcess) {
      return inProcess();
    }
    LoadReport report = run();
    terminal.out().print(report.text());
    write(report.json());
    return report.isSound() ? ExitCode.OK : ExitCode.FAILED;
  }

  private LoadReport run() throws IOException, InterruptedException {
    try {
      return LoadRun.run(plan());
    } catch (ConnectException e) {
      throw CommandFailure.unusable(e.getMessage() + "; start one with: voiceprint serve");
    }
  }

  private int inProcess() throws IOException {
    try (SpeakerEncoder opened = encoder.open(terminal)) {
      EmbedAll measured = EmbedAll.measure(opened, clips(), loop.warmUp(), loop.duration());
      String figures =
          String.format(
              Locale.ROOT,
              "{%n  \"loop\" : \"embedAll\",%n  \"embeddingsPerSecond\" : %.3f,%n"
                  + "  \"audioSecondsPerSecond\" : %.3f,%n  \"seconds\" : %.3f%n}%n",
              measured.clipsPerSecond(),
              measured.audioSeconds() / measured.seconds(),
              measured.seconds());
      terminal
          .out()
          .printf(
              Locale.ROOT,
              "%.2f embeddings/s, %.1f s of audio per second, in %.1f s%n",
              measured.clipsPerSecond(),
              measured.audioSeconds() / measured.seconds(),
              measured.seconds());
      write(figures);
      return ExitCode.OK;
    }
  }

  private LoadPlan plan() throws IOException {
    Optional<String> token =
        tokenFile == null ? Optional.empty() : Optional.of(Files.readString(tokenFile).strip());
    try {
      return new LoadPlan(
          target.url,
          Optional.ofNullable(askFor),
          token,
          clips(),
          load(),
          loop.warmUp(),
          LoopArguments.seconds(alone),
          loop.duration(),
          LoopArguments.seconds(timeout),
          hold,
          Optional.ofNullable(pid));
    } catch (IllegalArgumentException e) {
      throw CommandFailure.usage(e.getMessage());
    }
  }

  private List<LoadClip> clips() {
    double shortest = seconds.get(0);
    double longest = seconds.get(seconds.size() - 1);
    if (seconds.size() > 2 || !(shortest >= 0.01 && shortest <= longest)) {
      throw CommandFailure.usage("--seconds=%s must be such as 1-10 or 3".formatted(seconds));
    }
    if (longest > LONGEST_SECONDS || clips < 1 || clips > MAX_CLIPS) {
      throw CommandFailure.usage(
          "--seconds=%s, --clips=%d: at most %.0f s, and 1 to %d clips"
              .formatted(seconds, clips, LONGEST_SECONDS, MAX_CLIPS));
    }
    return LoadClip.mixed(clips, shortest, longest);
  }

  private Load load() {
    List<Load> loads = loop.loads();
    if (loads.size() > 1) {
      throw CommandFailure.usage("--rate: one rate at a time");
    }
    return loads.get(0);
  }

  private void write(String text) throws IOException {
    if (json != null) {
      PartialFile.write(json, text);
    }
  }
}
