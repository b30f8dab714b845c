package io.voiceprint.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The source of a kernel family as the jar carries it, with the project's own headers it includes.
 *
 * @param family name of the family, {@code stats_pool} for {@code kernels/stats_pool.cu}
 * @param headers from the name in the include directive to the text
 */
record KernelSources(String family, String main, SortedMap<String, String> headers) {
  static final String FOLDER = "kernels/";
  private static final Pattern INCLUDE =
      Pattern.compile("^\\s*#\\s*include\\s+\"([^\"]+)\"", Pattern.MULTILINE);

  /**
   * @throws CudaException if the jar does not carry them
   */
  static KernelSources of(String family) {
    String main = read(family + ".cu");
    TreeMap<String, String> headers = new TreeMap<>();
    collect(main, headers);
    return new KernelSources(family, main, headers);
  }

  private static void collect(String text, Map<String, String> headers) {
    Matcher include = INCLUDE.matcher(text);
    while (include.find()) {
      String name = include.group(1);
      if (!headers.containsKey(name)) {
        String header = read(name);
        headers.put(name, header);
        collect(header, headers);
      }
    }
  }

  private static String read(String name) {
    byte[] bytes = resource(name);
    if (bytes == null) {
      throw CudaException.unavailable(
          "the kernel source " + name + " is not in the jar; this build is incomplete");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** A file that the build put beside the sources, or null. */
  static byte[] resource(String name) {
    try (InputStream in = KernelSources.class.getResourceAsStream(FOLDER + name)) {
      return in == null ? null : in.readAllBytes();
    } catch (IOException e) {
      throw CudaException.unavailable("cannot read " + FOLDER + name + " from the jar: " + e);
    }
  }

  /**
   * SHA-256 over all texts and their names, in hexadecimal.
   *
   * @param means what else the result of compiling them depends on
   */
  String digest(List<String> means) {
    MessageDigest sha = sha256();
    addTo(sha, String.join("\n", means));
    addTo(sha, family);
    addTo(sha, main);
    headers.forEach(
        (name, text) -> {
          addTo(sha, name);
          addTo(sha, text);
        });
    return HexFormat.of().formatHex(sha.digest());
  }

  private static void addTo(MessageDigest sha, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    // The length keeps two texts apart from another two that read the same when joined.
    sha.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
    sha.update(bytes);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
