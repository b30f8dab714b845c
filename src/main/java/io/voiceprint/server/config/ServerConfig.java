package io.voiceprint.server.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A server's configuration, checked.
 *
 * @param host to listen on
 * @param port 0 for any that is free
 * @param models that are loaded when the server starts, in order
 * @param folder of models that clients may load besides
 * @param modelControl whether clients may load and unload models
 * @param logRequests whether each request is logged
 * @param values what was said and by whom, for {@link ConfigText}
 */
public record ServerConfig(
    String host,
    int port,
    List<ModelSpec> models,
    Optional<ModelFolder> folder,
    boolean modelControl,
    ServerLimits limits,
    ServerTimeouts timeouts,
    ServerSecurity security,
    boolean logRequests,
    Map<Setting, ConfigValue> values) {

  /** {@code NAME=FILE,NAME=FILE}, as {@code --model} but in the environment. */
  private static final String MODELS_VARIABLE = Setting.ENVIRONMENT_PREFIX + "MODELS";

  /**
   * Puts together what was said.
   *
   * @param flags settings of the command line
   * @param models {@code NAME=FILE} of the command line; if there are any, they replace the others
   * @param environment all variables
   * @param file configuration file, if there is one
   * @throws ConfigException at the first thing that cannot be used
   */
  public static ServerConfig of(
      Map<Setting, String> flags,
      List<String> models,
      Map<String, String> environment,
      Optional<Path> file) {
    Map<Setting, ConfigValue> values = new EnumMap<>(Setting.class);
    Map<String, Map<String, ConfigValue>> named = new LinkedHashMap<>();
    if (file.isPresent()) {
      ConfigFile read = ConfigFile.read(file.get());
      values.putAll(read.values());
      named.putAll(read.models());
    }
    Path here = Path.of("").toAbsolutePath();
    takeEnvironment(environment, here, values);
    String listed = environment.getOrDefault(MODELS_VARIABLE, "");
    List<String> chosen = models.isEmpty() ? split(listed) : models;
    if (!chosen.isEmpty()) {
      named.clear();
      String origin = models.isEmpty() ? MODELS_VARIABLE : "--model";
      chosen.forEach(model -> name(model, origin, here, named));
    }
    flags.forEach(
        (setting, text) -> values.put(setting, new ConfigValue(text, "--" + setting.key(), here)));
    return of(values, named);
  }

  private static List<String> split(String list) {
    return list.isBlank() ? List.of() : List.of(list.split(",", -1));
  }

  private static void takeEnvironment(
      Map<String, String> environment, Path here, Map<Setting, ConfigValue> values) {
    List<String> known = new ArrayList<>(List.of(MODELS_VARIABLE));
    for (Setting setting : Setting.values()) {
      known.add(setting.variable());
      String text = environment.get(setting.variable());
      if (text != null) {
        values.put(setting, new ConfigValue(text, setting.variable(), here));
      }
    }
    for (String variable : environment.keySet()) {
      if (variable.startsWith(Setting.ENVIRONMENT_PREFIX) && !known.contains(variable)) {
        throw new ConfigException(
            "unknown environment variable %s; did you mean %s?"
                .formatted(variable, Spelling.nearest(variable, known)));
      }
    }
  }

  private static void name(
      String model, String origin, Path here, Map<String, Map<String, ConfigValue>> named) {
    int equals = model.indexOf('=');
    if (equals < 1) {
      throw new ConfigException(
          "%s: '%s' is not NAME=FILE, such as eres2net=weights.ckpt".formatted(origin, model));
    }
    String name = model.substring(0, equals).strip();
    ConfigValue file = new ConfigValue(model.substring(equals + 1), origin, here);
    if (named.put(name, Map.of(ConfigFile.FILE, file)) != null) {
      throw file.error("two models are called " + name);
    }
  }

  private static ServerConfig of(
      Map<Setting, ConfigValue> map, Map<String, Map<String, ConfigValue>> named) {
    ConfigValues values = new ConfigValues(map);
    List<ModelSpec> models = new ArrayList<>();
    ModelSpec.check(values);
    named.forEach((name, own) -> models.add(ModelSpec.of(name, own, map)));
    if (!values.isSet(Setting.HOST)) {
      throw values.of(Setting.HOST).error("no address to listen on");
    }
    return new ServerConfig(
        values.text(Setting.HOST),
        values.number(Setting.PORT, 0, 65535),
        List.copyOf(models),
        folder(values),
        values.truth(Setting.MODEL_CONTROL),
        ServerLimits.of(values),
        ServerTimeouts.of(values),
        ServerSecurity.of(values),
        values.truth(Setting.LOG_REQUESTS),
        Map.copyOf(map));
  }

  private static Optional<ModelFolder> folder(ConfigValues values) {
    if (!values.isSet(Setting.MODEL_FOLDER)) {
      return Optional.empty();
    }
    Path folder = values.path(Setting.MODEL_FOLDER);
    if (!Files.isDirectory(folder)) {
      throw values.of(Setting.MODEL_FOLDER).error(folder + " is no folder");
    }
    return Optional.of(new ModelFolder(folder, values));
  }

  /** The same with one model more, served where none is named. */
  public ServerConfig withDefaultModel(String name, Path file) {
    ModelSpec model = ModelSpec.of(name, file, new ConfigValues(values));
    return new ServerConfig(
        host,
        port,
        List.of(model),
        folder,
        modelControl,
        limits,
        timeouts,
        security,
        logRequests,
        values);
  }
}
