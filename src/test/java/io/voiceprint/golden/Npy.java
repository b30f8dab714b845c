package io.voiceprint.golden;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A little-endian float32 or float64 array in NumPy's format 1.0.
 *
 * @param shape extents, outermost first
 * @param data elements in C order
 */
public record Npy(int[] shape, double[] data) {
  private static final Pattern HEADER =
      Pattern.compile(
          "\\{'descr': '<f([48])', 'fortran_order': False, 'shape': \\(([0-9, ]*)\\), \\}\\s*");

  /** Reads a file. */
  public static Npy read(Path file) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      int headerLength = bytes.getShort(8);
      String header = new String(bytes.array(), 10, headerLength, StandardCharsets.US_ASCII);
      Matcher matcher = HEADER.matcher(header);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(file + ": header " + header);
      }
      int[] shape =
          Arrays.stream(matcher.group(2).split(",", -1))
              .map(String::trim)
              .filter(extent -> !extent.isEmpty())
              .mapToInt(Integer::parseInt)
              .toArray();
      boolean wide = matcher.group(1).equals("8");
      bytes.position(10 + headerLength);
      double[] data = new double[bytes.remaining() / (wide ? 8 : 4)];
      for (int i = 0; i < data.length; i++) {
        data[i] = wide ? bytes.getDouble() : bytes.getFloat();
      }
      return new Npy(shape, data);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The elements as float32. */
  public float[] floats() {
    float[] floats = new float[data.length];
    for (int i = 0; i < data.length; i++) {
      floats[i] = (float) data[i];
    }
    return floats;
  }
}
