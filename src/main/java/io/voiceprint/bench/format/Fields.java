package io.voiceprint.bench.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The fields of one JSON object, by name and type. What is missing or of another type is an error
 * that names the field.
 */
public final class Fields {
  /** Stands for JSON's null, which is no value of any type. */
  static final Object NULL = new Object();

  private static final double LARGEST = 1e18;

  private final String source;
  private final String path;
  private final Map<String, Object> values;

  /**
   * @param source whose they are, for messages
   * @param path of the object in the document, such as {@code results[2].latency_ms}; empty for the
   *     document itself
   */
  Fields(String source, String path, Map<String, Object> values) {
    this.source = source;
    this.path = path;
    this.values = values;
  }

  /** Whether there is such a field. */
  public boolean has(String name) {
    return values.containsKey(name);
  }

  /**
   * A text.
   *
   * @throws MalformedResultsException if it is missing or none
   */
  public String text(String name) throws MalformedResultsException {
    if (require(name) instanceof String text) {
      return text;
    }
    throw failure(name, "is not a text");
  }

  /**
   * A text that may be left out.
   *
   * @throws MalformedResultsException if it is none
   */
  public Optional<String> optionalText(String name) throws MalformedResultsException {
    return has(name) ? Optional.of(text(name)) : Optional.empty();
  }

  /**
   * A number from 0 on: nothing that is measured is negative.
   *
   * @throws MalformedResultsException if it is missing or none
   */
  public double number(String name) throws MalformedResultsException {
    if (!(require(name) instanceof Double number)) {
      throw failure(name, "is not a number");
    }
    if (!(number >= 0 && number <= LARGEST)) {
      throw failure(name, "is " + number + ", not from 0 to " + LARGEST);
    }
    return number;
  }

  /**
   * A number from 0 on that may be left out.
   *
   * @throws MalformedResultsException if it is none
   */
  public OptionalDouble optionalNumber(String name) throws MalformedResultsException {
    return has(name) ? OptionalDouble.of(number(name)) : OptionalDouble.empty();
  }

  /**
   * An array of numbers of any sign.
   *
   * @throws MalformedResultsException if it is missing or none
   */
  public double[] numbers(String name) throws MalformedResultsException {
    return numbers(require(name), name);
  }

  /**
   * An array of arrays of numbers of any sign; at least one.
   *
   * @throws MalformedResultsException if it is missing or none
   */
  public List<double[]> rows(String name) throws MalformedResultsException {
    List<double[]> rows = new ArrayList<>();
    for (Object row : array(name)) {
      rows.add(numbers(row, name + "[" + rows.size() + "]"));
    }
    if (rows.isEmpty()) {
      throw failure(name, "has no rows");
    }
    return rows;
  }

  /**
   * An object.
   *
   * @throws MalformedResultsException if it is missing or none
   */
  public Fields object(String name) throws MalformedResultsException {
    return object(require(name), path(name));
  }

  /**
   * The objects of an array; none where it is left out.
   *
   * @throws MalformedResultsException if it is no array of objects
   */
  public List<Fields> objects(String name) throws MalformedResultsException {
    if (!has(name)) {
      return List.of();
    }
    List<Fields> objects = new ArrayList<>();
    for (Object element : array(name)) {
      objects.add(object(element, path(name) + "[" + objects.size() + "]"));
    }
    return objects;
  }

  private List<?> array(String name) throws MalformedResultsException {
    if (require(name) instanceof List<?> elements) {
      return elements;
    }
    throw failure(name, "is not an array");
  }

  private double[] numbers(Object value, String name) throws MalformedResultsException {
    if (!(value instanceof List<?> elements)) {
      throw failure(name, "is not an array of numbers");
    }
    double[] numbers = new double[elements.size()];
    for (int i = 0; i < numbers.length; i++) {
      if (!(elements.get(i) instanceof Double number)) {
        throw failure(name + "[" + i + "]", "is not a number");
      }
      numbers[i] = number;
    }
    return numbers;
  }

  @SuppressWarnings("unchecked") // JsonFile makes no other maps.
  private Fields object(Object value, String at) throws MalformedResultsException {
    if (value instanceof Map<?, ?> map) {
      return new Fields(source, at, (Map<String, Object>) map);
    }
    throw new MalformedResultsException("%s: %s is not an object".formatted(source, at));
  }

  /**
   * What is wrong with a field.
   *
   * @param what such as {@code "is not a number"}
   */
  public MalformedResultsException failure(String name, String what) {
    return new MalformedResultsException("%s: %s %s".formatted(source, path(name), what));
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
