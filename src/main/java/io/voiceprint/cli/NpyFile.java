package io.voiceprint.cli;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A vector in NumPy's file format 1.0, byte for byte as {@code numpy.save} writes it: magic,
 * version, length of the header, a header padded so that the data start at a multiple of 64 bytes,
 * then little-endian float32.
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">the
 *     format</a>
 */
final class NpyFile {
  private static final byte[] MAGIC_AND_VERSION = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  private static final int ALIGNMENT = 64;

  private NpyFile() {}

  /** The file's bytes for a vector (D). */
  static byte[] bytes(float[] vector) {
    String header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%d,), }".formatted(vector.length);
    int prefix = MAGIC_AND_VERSION.length + Short.BYTES;
    int unpadded = prefix + header.length() + 1;
    int padding = Math.floorMod(-unpadded, ALIGNMENT);
    ByteBuffer bytes =
        ByteBuffer.allocate(unpadded + padding + Float.BYTES * vector.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(MAGIC_AND_VERSION);
    bytes.putShort((short) (header.length() + padding + 1));
    bytes.put((header + " ".repeat(padding) + "\n").getBytes(StandardCharsets.US_ASCII));
    bytes.asFloatBuffer().put(vector);
    return bytes.array();
  }
}
