package io.voiceprint.audio;

import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * The packets of an Ogg file (RFC 3533), one logical stream after the other where streams are
 * chained. Checksums of all their pages are verified. Of streams that are multiplexed, only the
 * first is read; pages of the others are skipped.
 */
final class OggPackets {
  private static final int MAX_PACKET_BYTES = 1 << 24;

  private final ByteInput in;
  private final ByteArrayOutputStream packet = new ByteArrayOutputStream();
  private OggPage page;
  private int segment;
  private int at;

  /** The first page of the next stream, where that was met already. */
  private OggPage following;

  private int pages;
  private boolean truncated;
  private long granule = -1;

  OggPackets(ByteInput in) {
    this.in = in;
  }

  /** Whether a stream so far had no end. */
  boolean truncated() {
    return truncated;
  }

  /** The position, in samples, at the end of the stream's last page; -1 if never said. */
  long granule() {
    return granule;
  }

  /** The next packet of the stream, or {@code null} at its end. */
  byte[] next() throws IOException {
    while (true) {
      while (page != null && segment < page.lengths().length) {
        int length = page.lengths()[segment++] & 0xff;
        packet.write(page.body(), at, length);
        at += length;
        if (packet.size() > MAX_PACKET_BYTES) {
          throw in.error("Ogg packet is longer than %d bytes", MAX_PACKET_BYTES);
        }
        if (length < 255) {
          byte[] complete = packet.toByteArray();
          packet.reset();
          return complete;
        }
      }
      if ((page != null && page.isLast()) || !readPage()) {
        return null;
      }
    }
  }

  /** Reads the next page of the stream; false if there is none. */
  private boolean readPage() throws IOException {
    while (following == null) {
      OggPage next = OggPage.read(in);
      if (next == null) {
        truncated = true;
        return false;
      }
      if (pages > 1 && next.isFirst()) {
        // Multiplexed streams begin together, so this one begins behind ours.
        following = next;
      } else if (page == null || next.serial() == page.serial()) {
        accept(next);
        return true;
      }
    }
    truncated = true;
    return false;
  }

  /**
   * Goes on to the next stream of a chain, once this one has no packets any more. What is behind
   * the last stream and is no page, such as tags of other programs, is left alone.
   *
   * @return {@code false} if there is none
   */
  boolean nextStream() throws IOException {
    while (following == null) {
      if (!OggPage.isNext(in)) {
        return false;
      }
      OggPage next = OggPage.read(in);
      if (next == null) {
        truncated = true;
        return false;
      }
      if (next.isFirst()) {
        following = next;
      }
    }
    packet.reset();
    pages = 0;
    granule = -1;
    accept(following);
    following = null;
    return true;
  }

  private void accept(OggPage next) throws AudioException {
    if (!next.isIntact()) {
      throw in.error("Ogg page at byte %d is damaged (checksum)", next.start());
    }
    if (next.number() != pages) {
      throw in.error(
          "Ogg page %d expected at byte %d, but page %d is there",
          pages, next.start(), next.number() & 0xffff_ffffL);
    }
    if (!next.isContinued() && packet.size() > 0) {
      throw in.error("Ogg page at byte %d does not continue the packet before", next.start());
    }
    pages++;
    page = next;
    segment = 0;
    at = 0;
    if (next.granule() >= 0) {
      granule = next.granule();
    }
  }
}
