package io.voiceprint.checkpoint;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * A range of a weight file whose checksum is compared the first time its bytes are asked for. A
 * record without a checksum (safetensors has none) is trusted.
 */
final class FileRecord {
  private static final long NO_CHECKSUM = -1;

  private final WeightFile file;
  private final String name;
  private final long offset;
  private final long size;
  private final long crc;
  private volatile boolean verified;

  FileRecord(WeightFile file, String name, long offset, long size, long crc) {
    this.file = file;
    this.name = name;
    this.offset = offset;
    this.size = size;
    this.crc = crc;
    this.verified = crc == NO_CHECKSUM;
  }

  static FileRecord unchecked(WeightFile file, String name, long offset, long size) {
    return new FileRecord(file, name, offset, size, NO_CHECKSUM);
  }

  WeightFile file() {
    return file;
  }

  String name() {
    return name;
  }

  long size() {
    return size;
  }

  /** Where in the file it begins. */
  long offset() {
    return offset;
  }

  /**
   * A copy of a part of the record; the caller has checked the range against {@link #size()}.
   *
   * @throws CheckpointException if the checksum of the record does not fit its bytes
   */
  ByteBuffer bytes(long start, long length) throws CheckpointException {
    verify();
    return file.slice(offset + start, length);
  }

  /** Compares the checksum, unless that has been done. */
  void verify() throws CheckpointException {
    if (verified) {
      return;
    }
    CRC32 actual = new CRC32();
    ByteBuffer buffer = file.takeBuffer();
    for (long at = 0; at < size; at += buffer.limit()) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), size - at));
      file.read(offset + at, buffer);
      actual.update(buffer.flip());
    }
    file.giveBack(buffer);
    verify(actual.getValue());
  }

  /**
   * The same, by somebody who has read all bytes anyway.
   *
   * @param actual CRC-32 of all bytes
   */
  void verify(long actual) throws CheckpointException {
    if (!verified && actual != crc) {
      throw file.failure(
          String.format(
              "record %s is damaged: CRC-32 is %08x, the archive says %08x; copy the file again",
              name, actual, crc));
    }
    verified = true;
  }
}
