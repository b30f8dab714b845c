package io.voiceprint.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Offsets beyond 4 GiB, in sparse files that take a few blocks on disk. */
class LargeFileTest {
  private static final long GIB = 1L << 30;
  private static final float[] WEIGHTS = {1.5f, -2, 3, 4, 5, 6};

  @TempDir Path directory;

  @Test
  void safetensors() throws Exception {
    StringBuilder header = new StringBuilder("{");
    for (int i = 0; i < 5; i++) {
      header.append(
          String.format(
              "\"fill%d\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[%d,%d]},",
              i, GIB, i * GIB, (i + 1) * GIB));
    }
    header.append(
        String.format(
            "\"w\":{\"dtype\":\"F32\",\"shape\":[6],\"data_offsets\":[%d,%d]}}",
            5 * GIB, 5 * GIB + 24));
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    Path file = directory.resolve("large.safetensors");
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      write(out, little(8).putLong(json.length));
      out.write(json);
      out.seek(8 + json.length + 5 * GIB);
      out.write(weights());
    }
    assertOnlyWeightsAreRead(file);
  }

  @Test
  void zip64() throws Exception {
    byte[] pickle =
        TinyCheckpoint.latin1(
            "}"
                + TinyCheckpoint.unicode("w")
                + TinyCheckpoint.tensor("FloatStorage", "0", 6, "K\6\u0085", "K\1\u0085")
                + "s.");
    Path file = directory.resolve("large.ckpt");
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      writeLocal(out, "m/data.pkl", pickle);
      long far = 5 * GIB + 3;
      out.seek(far);
      writeLocal(out, "m/data/0", weights());
      long directoryStart = out.getFilePointer();
      writeCentral(out, "m/data.pkl", pickle, 0);
      writeCentral(out, "m/data/0", weights(), far);
      long end64 = out.getFilePointer();
      ByteBuffer end = little(56 + 20 + 22);
      end.putInt(0x06064b50).putLong(44).putShort((short) 45).putShort((short) 45);
      end.putInt(0).putInt(0).putLong(2).putLong(2);
      end.putLong(end64 - directoryStart).putLong(directoryStart);
      end.putInt(0x07064b50).putInt(0).putLong(end64).putInt(1);
      end.putInt(0x06054b50).putInt(0).putInt(-1).putInt(-1).putInt(-1).putShort((short) 0);
      write(out, end);
    }
    assertOnlyWeightsAreRead(file);
  }

  private static void assertOnlyWeightsAreRead(Path file) throws IOException {
    long before = Exhaustive.allocatedBytes();
    assertArrayEquals(WEIGHTS, StateDict.open(file).tensor("w").readFloats());
    long allocated = Exhaustive.allocatedBytes() - before;
    assertTrue(allocated < 4 << 20, "allocated " + allocated);
  }

  private static void writeLocal(RandomAccessFile out, String name, byte[] content)
      throws IOException {
    ByteBuffer header = little(30).putInt(0x04034b50).putShort((short) 45);
    header.putInt(14, crc(content)).putInt(18, content.length).putInt(22, content.length);
    header.putShort(26, (short) name.length());
    write(out, header);
    out.writeBytes(name);
    out.write(content);
  }

  /** A directory entry whose sizes and offset are all in the zip64 field. */
  private static void writeCentral(RandomAccessFile out, String name, byte[] content, long offset)
      throws IOException {
    ByteBuffer header = little(46).putInt(0x02014b50);
    header.putInt(16, crc(content)).putInt(20, -1).putInt(24, -1).putInt(42, -1);
    header.putShort(28, (short) name.length()).putShort(30, (short) 28);
    write(out, header);
    out.writeBytes(name);
    ByteBuffer extra = little(28).putShort((short) 1).putShort((short) 24);
    write(out, extra.putLong(content.length).putLong(content.length).putLong(offset));
  }

  private static int crc(byte[] content) {
    CRC32 crc = new CRC32();
    crc.update(content);
    return (int) crc.getValue();
  }

  private static byte[] weights() {
    ByteBuffer bytes = little(24);
    for (float weight : WEIGHTS) {
      bytes.putFloat(weight);
    }
    byte[] copy = new byte[bytes.rewind().remaining()];
    bytes.get(copy);
    return copy;
  }

  private static void write(RandomAccessFile out, ByteBuffer bytes) throws IOException {
    out.getChannel().write(bytes.rewind());
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
