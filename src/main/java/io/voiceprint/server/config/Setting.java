package io.voiceprint.server.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Everything about the server that can be set. Each is spelled alike everywhere: {@link
 * #MAX_DELAY_MS} is {@code --max-delay-ms} on the command line, {@code
 * VOICEPRINT_SERVE_MAX_DELAY_MS} in the environment and {@code max-delay-ms:} in the file. The
 * command line wins over the environment, that over the file, and that over the default.
 *
 * <p>The prefix is not {@code VOICEPRINT_} alone since Kubernetes sets {@code VOICEPRINT_PORT} for
 * a service named voiceprint.
 */
public enum Setting {
  HOST(
      "ADDRESS",
      "127.0.0.1",
      "Address to listen on. Only this machine reaches 127.0.0.1; 0.0.0.0 is every interface, for which TLS and tokens are meant."),
  PORT("N", "8080", "Port of HTTP/1, HTTP/2 and gRPC alike; 0 for any that is free."),
  MODEL_FOLDER(
      "DIR", "", "Folder whose weight files can be loaded by their names without the ending."),
  MODEL_CONTROL(
      "BOOL", "false", "Whether clients may load and unload models (/v2/repository/models)."),
  DEVICE("D", "auto", "What computes: auto, cuda, cpu or reference."),
  GPUS(
      "LIST",
      "",
      "GPUs that share the work of a model, such as 0,1; the first usable one if empty."),
  PRECISION("P", "fp32", "fp32, tf32, fp16 or bf16, as far as the device has it."),
  THREADS("N", "0", "CPU threads of an engine on the CPU; 0 for all processors."),
  LANES(
      "N",
      "1",
      "Utterances that the device cpu computes at the same time; they share the threads."),
  CHANNEL("C", "first", "What to take of several channels: first, or mix for their mean."),
  BATCH("N", "32", "Most utterances in one pass of the network."),
  BATCH_SECONDS("S", "160", "Most seconds of audio in one pass of the network."),
  QUEUE("N", "256", "Utterances that may wait for a model; more are refused with 429."),
  MAX_DELAY_MS("MS", "0", "How long a busy engine may let a request wait for a fuller batch."),
  WARM_UP_SECONDS(
      "LIST", "1,3,10", "Lengths of audio that a model computes before it counts as ready."),
  MAX_BODY_MB("MB", "64", "Largest body of a request."),
  MAX_UPLOADS_MB("MB", "512", "Memory for all bodies that are being received or waited for."),
  MAX_ITEMS("N", "256", "Most utterances of one request."),
  MAX_SECONDS("S", "600", "Longest utterance."),
  MAX_REQUESTS("N", "1024", "Most requests that are decoded or computed at a time."),
  MAX_CONNECTIONS("N", "4096", "Most open connections."),
  DECODERS("N", "0", "Threads that decode audio; 0 for all processors."),
  DECODE_QUEUE("N", "512", "Requests that may wait to be decoded; more are refused with 429."),
  HEADER_TIMEOUT_S("S", "10", "Time in which a client must have sent the head of a request."),
  IDLE_TIMEOUT_S("S", "60", "Time after which a connection without requests is closed."),
  REQUEST_TIMEOUT_S("S", "60", "Longest time from the head of a request to its answer."),
  DRAIN_TIMEOUT_S("S", "30", "Time for accepted requests when the server is told to stop."),
  TLS_CERTIFICATE("FILE", "", "Certificate chain, PEM; with it, the port speaks TLS alone."),
  TLS_KEY("FILE", "", "Its private key, PEM (PKCS#8)."),
  TOKEN_FILE(
      "FILE",
      "",
      "API tokens, one a line; with it, all but health, web page and API description need one."),
  LOG_REQUESTS("BOOL", "true", "Whether each request is logged.");

  /** What the names of environment variables begin with. */
  public static final String ENVIRONMENT_PREFIX = "VOICEPRINT_SERVE_";

  /** Where models are named in the file; {@code --model} on the command line. */
  static final String MODELS = "models";

  private final String label;
  private final String defaultText;
  private final String description;

  Setting(String label, String defaultText, String description) {
    this.label = label;
    this.defaultText = defaultText;
    this.description = description;
  }

  /** Its name in the file, and after two dashes on the command line. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Its name in the environment. */
  public String variable() {
    return ENVIRONMENT_PREFIX + name();
  }

  /** What stands for its value in the help. */
  public String label() {
    return label;
  }

  /** Its value where nobody says otherwise; empty for none. */
  public String defaultText() {
    return defaultText;
  }

  /** What it is, one or two sentences. */
  public String description() {
    return description;
  }

  static Optional<Setting> ofKey(String key) {
    return Arrays.stream(values()).filter(setting -> setting.key().equals(key)).findFirst();
  }

  static List<String> keys() {
    return Arrays.stream(values()).map(Setting::key).toList();
  }
}
