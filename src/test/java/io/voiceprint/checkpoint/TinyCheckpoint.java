package io.voiceprint.checkpoint;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A checkpoint of one float tensor [2, 3] named {@code w} and one integer scalar, built by hand.
 */
final class TinyCheckpoint {
  private TinyCheckpoint() {}

  /** {@code OrderedDict(w=FloatStorage "0" as [2, 3], n=LongStorage "1" as [])}, protocol 2. */
  static byte[] pickle() {
    return latin1(
        "\u0080\u0002ccollections\nOrderedDict\nq\0)Rq\1("
            + unicode("w")
            + tensor("FloatStorage", "0", 6, "K\2K\3\u0086", "K\3K\1\u0086")
            + unicode("n.num_batches_tracked")
            + tensor("LongStorage", "1", 1, ")", ")")
            + "u}q\2"
            + unicode("_metadata")
            + "h\1sb.");
  }

  static String unicode(String text) {
    return "X" + (char) text.length() + "\0\0\0" + text;
  }

  static String tensor(String type, String key, int elements, String size, String stride) {
    return "ctorch._utils\n_rebuild_tensor_v2\n(("
        + unicode("storage")
        + "ctorch\n"
        + type
        + "\n"
        + unicode(key)
        + unicode("cpu")
        + "K"
        + (char) elements
        + "tQK\0"
        + size
        + stride
        + "\u0089ccollections\nOrderedDict\n)RtR";
  }

  static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The archive of that pickle, with the two storages that {@link #pickle} refers to. */
  static byte[] zip(byte[] pickle) throws IOException {
    return zip(pickle, "little", ZipEntry.STORED);
  }

  static byte[] zip(byte[] pickle, String byteOrder, int method) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      put(zip, "m/data.pkl", pickle, method);
      put(zip, "m/byteorder", latin1(byteOrder), ZipEntry.STORED);
      put(zip, "m/data/0", new byte[24], ZipEntry.STORED);
      put(zip, "m/data/1", new byte[8], ZipEntry.STORED);
    }
    return bytes.toByteArray();
  }

  private static void put(ZipOutputStream zip, String name, byte[] content, int method)
      throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(method);
    if (method == ZipEntry.STORED) {
      entry.setSize(content.length);
      entry.setCrc(crc.getValue());
    }
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
