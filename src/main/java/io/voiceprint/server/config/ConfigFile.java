package io.voiceprint.server.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * A configuration file: a YAML mapping of the {@linkplain Setting settings'} keys, and under {@code
 * models} one of model names to weight files, or to mappings with {@code file} and the keys of
 * {@link ModelSpec#OWN_SETTINGS}. Only the tree of nodes is read; nothing is constructed from tags.
 *
 * @param values of the settings that it holds
 * @param models by name: each one's {@code file} and own settings
 */
record ConfigFile(Map<Setting, ConfigValue> values, Map<String, Map<String, ConfigValue>> models) {

  static final String FILE = "file";
  private static final int MOST_CHARACTERS = 1 << 20;

  /**
   * @throws ConfigException if it cannot be read, is no such mapping, or has a key that is not
   *     known
   */
  static ConfigFile read(Path file) {
    ConfigFile config = new ConfigFile(new EnumMap<>(Setting.class), new LinkedHashMap<>());
    Optional<Node> root = parse(file);
    if (root.isPresent()) {
      config.take(file, root.get());
    }
    return config;
  }

  private static Optional<Node> parse(Path file) {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(file.toString())
            .setAllowDuplicateKeys(false)
            .setMaxAliasesForCollections(10)
            .setCodePointLimit(MOST_CHARACTERS)
            .build();
    try (Reader reader = Files.newBufferedReader(file)) {
      return new Compose(settings).composeReader(reader);
    } catch (NoSuchFileException e) {
      throw new ConfigException(file + ": no such file");
    } catch (IOException e) {
      throw unreadable(file, e);
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      throw new ConfigException("%s:%d: is not YAML: %s".formatted(file, line, e.getProblem()));
    } catch (YamlEngineException e) {
      throw e.getCause() instanceof IOException cause
          ? unreadable(file, cause)
          : new ConfigException("%s: is not YAML: %s".formatted(file, e.getMessage()));
    }
  }

  private static ConfigException unreadable(Path file, IOException e) {
    return new ConfigException(
        e instanceof MalformedInputException
            ? file + ": is not UTF-8"
            : "%s: cannot be read: %s".formatted(file, e.getMessage()));
  }

  private void take(Path file, Node root) {
    for (NodeTuple entry : entries(file, root, "the file")) {
      String key = scalar(file, entry.getKeyNode());
      if (key.equals(Setting.MODELS)) {
        takeModels(file, entry.getValueNode());
        continue;
      }
      Setting setting =
          Setting.ofKey(key)
              .orElseThrow(
                  () -> {
                    List<String> known = new ArrayList<>(Setting.keys());
                    known.add(Setting.MODELS);
                    return unknown(file, entry, key, known);
                  });
      put(file, values, setting, key, entry);
    }
  }

  private void takeModels(Path file, Node node) {
    for (NodeTuple entry : entries(file, node, Setting.MODELS)) {
      String name = scalar(file, entry.getKeyNode());
      Map<String, ConfigValue> own = new LinkedHashMap<>();
      if (entry.getValueNode() instanceof ScalarNode) {
        put(file, own, FILE, "models." + name, entry);
      } else {
        takeModel(file, name, own, entry.getValueNode());
      }
      put(file, models, name, "models." + name, own, entry);
    }
  }

  private static void takeModel(Path file, String name, Map<String, ConfigValue> own, Node node) {
    List<String> known =
        new ArrayList<>(ModelSpec.OWN_SETTINGS.stream().map(Setting::key).toList());
    known.add(FILE);
    known.add(ModelSpec.POOLING);
    for (NodeTuple entry : entries(file, node, "models." + name)) {
      String key = scalar(file, entry.getKeyNode());
      if (!known.contains(key)) {
        throw unknown(file, entry, key, known);
      }
      put(file, own, key, "models.%s.%s".formatted(name, key), entry);
    }
    if (!own.containsKey(FILE)) {
      throw new ConfigException(
          "%s: models.%s has no file: its weights".formatted(place(file, node), name));
    }
  }

  private static <K> void put(
      Path file, Map<K, ConfigValue> map, K key, String name, NodeTuple entry) {
    String origin = place(file, entry.getKeyNode()) + ": " + name;
    Path base = file.toAbsolutePath().getParent();
    put(
        file,
        map,
        key,
        name,
        new ConfigValue(text(file, entry.getValueNode()), origin, base),
        entry);
  }

  private static <K, V> void put(
      Path file, Map<K, V> map, K key, String name, V value, NodeTuple entry) {
    if (map.putIfAbsent(key, value) != null) {
      throw new ConfigException(
          "%s: %s is there already".formatted(place(file, entry.getKeyNode()), name));
    }
  }

  private static ConfigException unknown(
      Path file, NodeTuple entry, String key, List<String> known) {
    return new ConfigException(
        "%s: unknown key '%s'; did you mean '%s'?"
            .formatted(place(file, entry.getKeyNode()), key, Spelling.nearest(key, known)));
  }

  private static List<NodeTuple> entries(Path file, Node node, String what) {
    if (node instanceof MappingNode mapping) {
      return mapping.getValue();
    }
    throw new ConfigException(
        "%s: %s must be a mapping, key: value".formatted(place(file, node), what));
  }

  /** A scalar as it stands; a sequence of scalars with commas between them. */
  private static String text(Path file, Node node) {
    if (node instanceof SequenceNode sequence) {
      return String.join(
          ",", sequence.getValue().stream().map(element -> scalar(file, element)).toList());
    }
    return scalar(file, node);
  }

  private static String scalar(Path file, Node node) {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw new ConfigException(place(file, node) + ": a single value belongs here");
  }

  private static String place(Path file, Node node) {
    int line = node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    return file + ":" + line;
  }
}
