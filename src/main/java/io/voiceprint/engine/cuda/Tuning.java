package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaDevice;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which implementation of each layer was fastest on a card: what {@link Tuner} measured. On disk it
 * is a text file of lines {@code layer = implementation}, one file per card, driver, library
 * versions and format, so that what was measured on another, or means something else, is never
 * used.
 *
 * @param choices implementation by layer
 */
public record Tuning(Map<String, String> choices) {
  /** Nothing was measured: every layer takes its usual implementation. */
  public static final Tuning NONE = new Tuning(Map.of());

  /** Counts up when layers or implementations come to be named otherwise. */
  private static final int FORMAT = 1;

  private static final String SEPARATOR = " = ";

  /** A network has some tens of layers, and a card is tuned for a few networks. */
  private static final int MAX_BYTES = 1 << 20;

  /** Of a line that is none, as much as a message shows. */
  private static final int SHOWN = 60;

  public Tuning {
    choices = Collections.unmodifiableMap(new TreeMap<>(choices));
  }

  Optional<String> choice(String layer) {
    return Optional.ofNullable(choices.get(layer));
  }

  /**
   * Takes for each layer the first implementation whose name begins as wanted, where it has one.
   *
   * @param choices names of the implementations by layer
   * @param wanted beginnings of names, such as {@code "block-"}, the most wanted first
   */
  static Tuning forcing(Map<String, List<String>> choices, List<String> wanted) {
    Map<String, String> forced = new TreeMap<>();
    choices.forEach(
        (layer, names) ->
            wanted.stream()
                .flatMap(prefix -> names.stream().filter(name -> name.startsWith(prefix)))
                .findFirst()
                .ifPresent(name -> forced.put(layer, name)));
    return new Tuning(forced);
  }

  /** These choices, and those of another where both have one. */
  public Tuning with(Tuning other) {
    Map<String, String> all = new TreeMap<>(choices);
    all.putAll(other.choices);
    return new Tuning(all);
  }

  /**
   * The file for a card.
   *
   * @param environment where {@code VOICEPRINT_CACHE} or {@code XDG_CACHE_HOME} may name the folder
   * @param home the user's home folder
   * @param libraries versions that change what is fastest, such as {@code "cudnn91002"}; may be
   *     empty
   */
  public static Path file(
      Map<String, String> environment, Path home, CudaDevice device, String libraries) {
    String chosen = environment.getOrDefault("VOICEPRINT_CACHE", "");
    String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path folder =
        !chosen.isBlank()
            ? Path.of(chosen)
            : (cache.isBlank() ? home.resolve(".cache") : Path.of(cache)).resolve("voiceprint");
    String name =
        String.format(
            Locale.ROOT,
            "%s-sm%d-driver%d-%s-format%d",
            device.name(),
            device.computeCapability(),
            device.driverVersion(),
            libraries,
            FORMAT);
    return folder.resolve("tuning").resolve(name.replaceAll("[^A-Za-z0-9.]+", "-") + ".txt");
  }

  /**
   * Reads a file that {@link #save} wrote; {@link #NONE} if there is none.
   *
   * @throws IOException if it cannot be read or has a line that is not a choice; names the file
   */
  public static Tuning load(Path file) throws IOException {
    List<String> lines = new String(content(file), StandardCharsets.UTF_8).lines().toList();
    Map<String, String> choices = new TreeMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      int at = line.indexOf(SEPARATOR);
      if (at < 1) {
        String shown = line.substring(0, Math.min(line.length(), SHOWN));
        throw new IOException(
            "%s, line %d: expected \"layer = implementation\" but found \"%s\"; delete the file and tune again"
                .formatted(file, i + 1, shown.replaceAll("\\p{Cntrl}", "?")));
      }
      choices.put(line.substring(0, at), line.substring(at + SEPARATOR.length()));
    }
    return new Tuning(choices);
  }

  private static byte[] content(Path file) throws IOException {
    byte[] content;
    try (InputStream in = Files.newInputStream(file)) {
      content = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      return new byte[0];
    } catch (IOException e) {
      throw unusable(file, "read", e);
    }
    if (content.length > MAX_BYTES) {
      throw new IOException(
          "%s: more than %d bytes, so no tuning; delete the file and tune again"
              .formatted(file, MAX_BYTES));
    }
    return content;
  }

  /**
   * Writes the file aside and renames it, so that a reader never sees half of one.
   *
   * @throws IOException if that is not possible; names the file
   */
  public void save(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    List<String> lines = new ArrayList<>();
    choices.forEach((layer, choice) -> lines.add(layer + SEPARATOR + choice));
    try {
      Files.createDirectories(folder);
      Path part = Files.createTempFile(folder, "tuning", ".part");
      try {
        Files.write(part, lines);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw unusable(file, "written", e);
    }
  }

  private static IOException unusable(Path file, String what, IOException cause) {
    return new IOException(
        "%s cannot be %s (%s); make that possible, or name another folder with VOICEPRINT_CACHE"
            .formatted(file, what, cause),
        cause);
  }
}
