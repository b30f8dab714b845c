package io.voiceprint.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.voiceprint.number.Float16;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes float32 and float16 tensors as safetensors.
 *
 * <p>The same content gives the same bytes: tensors are ordered by element size, largest first, so
 * that each is aligned, then by name; metadata by key; and the header is padded with spaces to a
 * multiple of 8 bytes. Values are not copied, so they must not change before {@link #write}. Not
 * thread-safe.
 */
public final class SafetensorsWriter {
  private static final int ALIGNMENT = 8;
  private static final int BUFFER_BYTES = 1 << 16;

  private record Entry(String name, DType dtype, int[] shape, float[] values) {}

  private final List<Entry> entries = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private final Map<String, String> metadata = new TreeMap<>();

  /** Adds a line of free-form metadata. */
  public SafetensorsWriter metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /**
   * Adds a tensor.
   *
   * @param dtype {@link DType#FLOAT32}, or {@link DType#FLOAT16}, to which values are rounded, ties
   *     to even
   * @param shape extents, outermost first
   * @param values elements in C order
   * @throws IllegalArgumentException if the name is taken or reserved, the type another one, the
   *     number of values not that of the shape, or a value not finite in that type
   */
  public SafetensorsWriter add(String name, DType dtype, int[] shape, float[] values) {
    if (dtype != DType.FLOAT32 && dtype != DType.FLOAT16) {
      throw new IllegalArgumentException(
          name + ": dtype " + dtype + ", expected FLOAT32 or FLOAT16");
    }
    long elements = Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact);
    if (elements != values.length || Arrays.stream(shape).anyMatch(extent -> extent < 0)) {
      throw new IllegalArgumentException(
          name + ": shape " + Arrays.toString(shape) + " but " + values.length + " values");
    }
    for (int i = 0; i < values.length; i++) {
      float stored =
          dtype == DType.FLOAT16 ? Float16.toFloat(Float16.fromFloat(values[i])) : values[i];
      if (!Float.isFinite(stored)) {
        throw new IllegalArgumentException(
            name + ": element " + i + " is " + values[i] + ", not finite as " + dtype);
      }
    }
    if (name.equals(SafetensorsReader.METADATA) || !names.add(name)) {
      throw new IllegalArgumentException(name + ": name is reserved or already used");
    }
    entries.add(new Entry(name, dtype, shape.clone(), values));
    return this;
  }

  /**
   * Writes the file: under a temporary name beside it first, then moved in one step, so that no
   * reader ever sees a part of it. An existing file is replaced.
   *
   * @throws IOException if the file cannot be written; nothing is left behind then
   */
  public void write(Path target) throws IOException {
    Path absolute = target.toAbsolutePath();
    String temporary = "." + absolute.getFileName() + "." + ProcessHandle.current().pid() + ".tmp";
    Path partial = absolute.resolveSibling(temporary);
    List<Entry> ordered = new ArrayList<>(entries);
    ordered.sort(Comparator.comparingInt((Entry e) -> -e.dtype.bytes()).thenComparing(Entry::name));
    try {
      try (FileChannel channel =
          FileChannel.open(
              partial,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        byte[] header = header(ordered);
        ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        drain(length.putLong(header.length).flip(), channel);
        drain(ByteBuffer.wrap(header), channel);
        for (Entry entry : ordered) {
          writeValues(entry, channel);
        }
        channel.force(true);
      }
      Files.move(partial, absolute, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private byte[] header(List<Entry> ordered) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(SafetensorsReader.METADATA);
        for (Map.Entry<String, String> line : metadata.entrySet()) {
          json.writeStringField(line.getKey(), line.getValue());
        }
        json.writeEndObject();
      }
      long begin = 0;
      for (Entry entry : ordered) {
        long end = begin + (long) entry.values.length * entry.dtype.bytes();
        json.writeObjectFieldStart(entry.name);
        json.writeStringField("dtype", entry.dtype == DType.FLOAT32 ? "F32" : "F16");
        json.writeFieldName("shape");
        json.writeArray(entry.shape, 0, entry.shape.length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {begin, end}, 0, 2);
        json.writeEndObject();
        begin = end;
      }
      json.writeEndObject();
    }
    while (bytes.size() % ALIGNMENT != 0) {
      bytes.write(' ');
    }
    return bytes.toByteArray();
  }

  private static void writeValues(Entry entry, FileChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : entry.values) {
      if (entry.dtype == DType.FLOAT32) {
        buffer.putFloat(value);
      } else {
        buffer.putShort(Float16.fromFloat(value));
      }
      if (!buffer.hasRemaining()) {
        drain(buffer.flip(), channel);
        buffer.clear();
      }
    }
    drain(buffer.flip(), channel);
  }

  private static void drain(ByteBuffer buffer, FileChannel channel) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }
}
