package io.voiceprint.server.config;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import io.voiceprint.audio.ChannelChoice;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.Pooling;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A model that can be served.
 *
 * @param name what clients call it
 * @param file its weights
 * @param options how it computes
 * @param warmUpSeconds lengths of audio to compute before it is ready; may be empty
 */
public record ModelSpec(
    String name, Path file, EncoderOptions options, List<Double> warmUpSeconds) {

  /** Settings that a model may have for itself. */
  static final Set<Setting> OWN_SETTINGS =
      Set.of(
          Setting.DEVICE,
          Setting.PRECISION,
          Setting.THREADS,
          Setting.LANES,
          Setting.CHANNEL,
          Setting.BATCH,
          Setting.BATCH_SECONDS,
          Setting.QUEUE,
          Setting.GPUS,
          Setting.MAX_DELAY_MS,
          Setting.WARM_UP_SECONDS);

  /** Key of the pooling layer, which only a model can have. */
  static final String POOLING = "pooling";

  private static final double LONGEST_DELAY_MS = EncoderOptions.LONGEST_DELAY.toMillis();
  private static final int MOST_GPUS = 255;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  /** Whether a model can have this name: it goes into addresses and metrics as it is. */
  public static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /**
   * @param own {@code file}, pooling and settings of its own
   * @param shared the settings of the server
   */
  static ModelSpec of(String name, Map<String, ConfigValue> own, Map<Setting, ConfigValue> shared) {
    ConfigValue file = own.get(ConfigFile.FILE);
    if (!isName(name)) {
      throw file.error(
          "'%s' cannot be a model's name: letters, digits, '.', '_' and '-', at most 64"
              .formatted(name));
    }
    if (file.text().isBlank()) {
      throw file.error("no weight file is named for " + name);
    }
    Map<Setting, ConfigValue> merged = new EnumMap<>(Setting.class);
    merged.putAll(shared);
    for (Setting setting : OWN_SETTINGS) {
      if (own.containsKey(setting.key())) {
        merged.put(setting, own.get(setting.key()));
      }
    }
    ConfigValues values = new ConfigValues(merged);
    EncoderOptions options = options(values);
    if (own.containsKey(POOLING)) {
      options = options.withPooling(ConfigValues.choice(own.get(POOLING), Pooling.class));
    }
    return new ModelSpec(name, ConfigValues.path(file), options, warmUp(values));
  }

  /** A model of the folder, with the server's settings. */
  static ModelSpec of(String name, Path file, ConfigValues shared) {
    return new ModelSpec(name, file, options(shared), warmUp(shared));
  }

  /** Refuses settings that no model could have, be there models or not. */
  static void check(ConfigValues shared) {
    var unusedOptions = options(shared);
    var unusedLengths = warmUp(shared);
  }

  private static List<Double> warmUp(ConfigValues values) {
    return values.decimals(Setting.WARM_UP_SECONDS, 0.1, 3600);
  }

  private static Integer[] gpus(ConfigValues values) {
    List<Integer> gpus = values.numbers(Setting.GPUS, 0, MOST_GPUS);
    if (gpus.stream().distinct().count() < gpus.size()) {
      throw values.of(Setting.GPUS).error("a GPU is named twice");
    }
    return gpus.toArray(Integer[]::new);
  }

  private static EncoderOptions options(ConfigValues values) {
    int asked = values.number(Setting.THREADS, 0, EncoderOptions.MAX_THREADS);
    int threads = asked == 0 ? EncoderOptions.DEFAULTS.threads() : asked;
    EncoderOptions options =
        EncoderOptions.DEFAULTS
            .withDevice(values.choice(Setting.DEVICE, Device.class))
            .withPrecision(values.choice(Setting.PRECISION, Precision.class))
            .withThreads(threads)
            .withLanes(values.number(Setting.LANES, 1, threads))
            .withChannel(values.choice(Setting.CHANNEL, ChannelChoice.class))
            .withBatch(
                values.number(Setting.BATCH, 1, EncoderOptions.MAX_BATCH_UTTERANCES),
                values.decimal(Setting.BATCH_SECONDS, 0.1, 1e6))
            .withQueue(values.number(Setting.QUEUE, 1, EncoderOptions.MAX_QUEUE_UTTERANCES))
            .withMaxDelay(
                Duration.ofNanos(
                    Math.round(1e6 * values.decimal(Setting.MAX_DELAY_MS, 0, LONGEST_DELAY_MS))));
    return values.isSet(Setting.GPUS) ? options.withGpus(gpus(values)) : options;
  }
}
