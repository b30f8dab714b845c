package io.voiceprint.bench.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The fields of one JSON object, by name and type.
 *
 * @param file for messages
 * @param path of the object in the document, such as {@code results[2].latency_ms}; empty for the
 *     document itself
 */
record Fields(Path file, String path, Map<String, Object> values) {
  /** Stands for JSON's null, which is no value of any type. */
  static final Object NULL = new Object();

  private static final double LARGEST = 1e18;

  boolean has(String name) {
    return values.containsKey(name);
  }

  String text(String name) throws MalformedResultsException {
    if (require(name) instanceof String text) {
      return text;
    }
    throw failure(name, "is not a text");
  }

  Optional<String> optionalText(String name) throws MalformedResultsException {
    return has(name) ? Optional.of(text(name)) : Optional.empty();
  }

  /** A number from 0 on: nothing that is measured is negative. */
  double number(String name) throws MalformedResultsException {
    if (!(require(name) instanceof Double number)) {
      throw failure(name, "is not a number");
    }
    if (!(number >= 0 && number <= LARGEST)) {
      throw failure(name, "is " + number + ", not from 0 to " + LARGEST);
    }
    return number;
  }

  OptionalDouble optionalNumber(String name) throws MalformedResultsException {
    return has(name) ? OptionalDouble.of(number(name)) : OptionalDouble.empty();
  }

  Fields object(String name) throws MalformedResultsException {
    return object(require(name), path(name));
  }

  /** The objects of an array; none where it is left out. */
  List<Fields> objects(String name) throws MalformedResultsException {
    if (!has(name)) {
      return List.of();
    }
    if (!(values.get(name) instanceof List<?> elements)) {
      throw failure(name, "is not an array");
    }
    List<Fields> objects = new ArrayList<>();
    for (Object element : elements) {
      objects.add(object(element, path(name) + "[" + objects.size() + "]"));
    }
    return objects;
  }

  @SuppressWarnings("unchecked") // JsonFile makes no other maps.
  private Fields object(Object value, String at) throws MalformedResultsException {
    if (value instanceof Map<?, ?> map) {
      return new Fields(file, at, (Map<String, Object>) map);
    }
    throw new MalformedResultsException("%s: %s is not an object".formatted(file, at));
  }

  MalformedResultsException failure(String name, String what) {
    return new MalformedResultsException("%s: %s %s".formatted(file, path(name), what));
  }

  private Object require(String name) throws MalformedResultsException {
    Object value = values.get(name);
    if (value == null) {
      throw failure(name, "is missing");
    }
    return value;
  }

  private String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
