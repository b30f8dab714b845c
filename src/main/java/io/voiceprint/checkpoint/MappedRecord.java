package io.voiceprint.checkpoint;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * A range of a mapped file whose checksum is compared once, the first time its bytes are asked for.
 * A record without a checksum (safetensors has none) is trusted.
 */
final class MappedRecord {
  private static final long NO_CHECKSUM = -1;
  private static final long CHUNK = 1 << 24;

  private final MappedFile file;
  private final String name;
  private final long offset;
  private final long size;
  private final long crc;
  private volatile boolean verified;

  MappedRecord(MappedFile file, String name, long offset, long size, long crc) {
    this.file = file;
    this.name = name;
    this.offset = offset;
    this.size = size;
    this.crc = crc;
    this.verified = crc == NO_CHECKSUM;
  }

  static MappedRecord unchecked(MappedFile file, String name, long offset, long size) {
    return new MappedRecord(file, name, offset, size, NO_CHECKSUM);
  }

  MappedFile file() {
    return file;
  }

  String name() {
    return name;
  }

  long size() {
    return size;
  }

  /**
   * A view of a part of the record; the caller has checked the range against {@link #size()}.
   *
   * @throws CheckpointException if the checksum of the record does not fit its bytes
   */
  ByteBuffer bytes(long start, long length) throws CheckpointException {
    verify();
    return file.slice(offset + start, length);
  }

  private void verify() throws CheckpointException {
    if (verified) {
      return;
    }
    CRC32 actual = new CRC32();
    for (long at = 0; at < size; at += CHUNK) {
      actual.update(file.slice(offset + at, Math.min(CHUNK, size - at)));
    }
    if (actual.getValue() != crc) {
      throw file.failure(
          String.format(
              "record %s is damaged: CRC-32 is %08x, the archive says %08x; copy the file again",
              name, actual.getValue(), crc));
    }
    verified = true;
  }
}
