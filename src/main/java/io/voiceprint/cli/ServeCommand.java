package io.voiceprint.cli;

import io.voiceprint.server.JsonLogHandler;
import io.voiceprint.server.VoiceprintServer;
import io.voiceprint.server.config.ConfigException;
import io.voiceprint.server.config.ConfigText;
import io.voiceprint.server.config.ModelFolder;
import io.voiceprint.server.config.ServerConfig;
import io.voiceprint.server.config.Setting;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Handler;
import java.util.logging.Level;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code voiceprint serve}: the batch server. Its options are the server's settings. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description =
        "Serves embeddings over HTTP and gRPC: the Open Inference Protocol (KServe v2) and a plain API.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  On this machine alone, with the demo model:",
      "    voiceprint serve",
      "    curl --data-binary @call.wav http://127.0.0.1:8080/v1/embeddings",
      "    curl -F a=@monday.wav -F b=@tuesday.wav http://127.0.0.1:8080/v1/verify",
      "  Two models on a GPU, for the whole network, with TLS and tokens:",
      "    voiceprint serve --model base=base.ckpt --model large=large.ckpt --device cuda \\",
      "      --host 0.0.0.0 --tls-certificate chain.pem --tls-key key.pem --token-file tokens",
      "  What a file, the environment and the options come to:",
      "    voiceprint serve --config voiceprint.yaml --print-config",
      "",
      "Every option can stand in the file without its dashes (port: 8080), and in the environment",
      "(VOICEPRINT_SERVE_PORT=8080). Options win over the environment, that over the file. Models:",
      "  models:",
      "    base: base.ckpt",
      "    large: {file: large.ckpt, precision: fp16, batch: 16}",
      "",
      "On SIGTERM the server answers what it has accepted, refuses what comes, and ends with 0.",
      "Log: a JSON object per line on standard error.",
      "",
      "Exit code: 0 told to stop, 1 the port cannot be had, 2 wrong configuration, 3 model or device",
      "unusable."
    })
final class ServeCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private CommandSpec spec;
  @Mixin private Verbosity verbosity;

  @Option(names = "--config", paramLabel = "FILE", description = "Configuration file, YAML.")
  private Path file;

  @Option(
      names = "--model",
      paramLabel = "NAME=FILE",
      description =
          "A model to serve, any number of times; replaces those of the file. Without any, the demo model.")
  private List<String> models = List.of();

  @Option(names = "--print-config", description = "Print the configuration and do nothing else.")
  private boolean print;

  private ServeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** The command with an option for each setting. */
  static CommandLine of(Terminal terminal) {
    CommandLine command = new CommandLine(new ServeCommand(terminal));
    for (Setting setting : Setting.values()) {
      String otherwise = setting.defaultText();
      command
          .getCommandSpec()
          .addOption(
              OptionSpec.builder("--" + setting.key())
                  .paramLabel(setting.label())
                  .type(String.class)
                  .description(
                      setting.description()
                          + (otherwise.isEmpty() ? "" : " Without it, " + otherwise + "."))
                  .build());
    }
    return command;
  }

  @Override
  public Integer call() throws InterruptedException {
    verbosity.apply(terminal);
    try {
      return run(config());
    } catch (ConfigException e) {
      throw CommandFailure.usage(e.getMessage());
    } catch (NoClassDefFoundError e) {
      throw CommandFailure.unusable(
          "the server's libraries are missing (%s); start it with the voiceprint launcher, or with java -cp \"voiceprint-cli.jar:lib/server/*\" io.voiceprint.cli.Main serve"
              .formatted(e.getMessage()));
    }
  }

  private ServerConfig config() {
    Map<Setting, String> flags = new EnumMap<>(Setting.class);
    for (Setting setting : Setting.values()) {
      String value =
          spec.commandLine().getParseResult().matchedOptionValue("--" + setting.key(), null);
      if (value != null) {
        flags.put(setting, value);
      }
    }
    ServerConfig config =
        ServerConfig.of(flags, models, System.getenv(), Optional.ofNullable(file));
    return config.models().isEmpty() && config.folder().isEmpty()
        ? config.withDefaultModel("demo", DemoModel.locate(terminal))
        : config;
  }

  private int run(ServerConfig config) throws InterruptedException {
    if (print) {
      terminal.out().print(ConfigText.of(config));
      return ExitCode.OK;
    }
    if (config.models().isEmpty()) {
      sayWhatIsInTheFolder(config);
    }
    Level level = terminal.verbosity() < 0 ? Level.WARNING : Level.INFO;
    Handler log = JsonLogHandler.install(System.err, level);
    try (VoiceprintServer server = VoiceprintServer.start(config, log::publish)) {
      Thread hook = stopOnSignal(server);
      terminal.notice("listening on port " + server.port());
      try {
        server.load().join();
      } catch (CompletionException e) {
        forget(hook);
        throw e.getCause() instanceof RuntimeException cause ? cause : e;
      }
      new CountDownLatch(1).await();
    }
    return ExitCode.OK;
  }

  /** Where no model is named, there is a folder of models that clients may load, if they may. */
  private void sayWhatIsInTheFolder(ServerConfig config) {
    ModelFolder folder = config.folder().orElseThrow();
    try {
      String content = folder.content();
      if (!config.modelControl()) {
        throw CommandFailure.usage(
            "no model is named, and clients may not load any: %s; name one with %s, or let clients load them with --model-control true"
                .formatted(content, folder.option()));
      }
      terminal.notice(
          content + "; none is loaded until a client asks (POST /v2/repository/models/NAME/load)");
    } catch (UncheckedIOException e) {
      throw CommandFailure.usage("%s: %s".formatted(e.getMessage(), e.getCause().getMessage()));
    }
  }

  /**
   * The hook ends the process itself once all is answered: a process that ends by a signal would
   * otherwise have the signal's exit code.
   */
  private static Thread stopOnSignal(VoiceprintServer server) {
    Thread hook =
        new Thread(
            () -> {
              server.close();
              Runtime.getRuntime().halt(ExitCode.OK);
            },
            "voiceprint-stop");
    Runtime.getRuntime().addShutdownHook(hook);
    return hook;
  }

  /** Lets the process end with another exit code. */
  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // A signal came first: then it is the hook that ends the process.
    }
  }
}
