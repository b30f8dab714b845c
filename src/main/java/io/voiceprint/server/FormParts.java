package io.voiceprint.server;

import com.linecorp.armeria.common.ContentDisposition;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Takes a form apart (multipart, RFC 2046, 5.1), going over its bytes once. Armeria's own decoder
 * looks through all that has come anew with every piece that comes, on the thread of the connection
 * and others, and makes an object of every header and of every boundary that is none: a client that
 * sends nothing but such would have the time and the memory of all.
 */
final class FormParts {
  /** Names take a few hundred bytes; other servers allow 512. */
  private static final int LONGEST_HEAD = 4096;

  private static final String DISPOSITION = "content-disposition:";

  /**
   * A part.
   *
   * @param field its name in the form; empty if it has none
   * @param file its name as a file; empty if it has none
   * @param content shares the body's memory
   */
  record Part(String field, String file, ByteBuffer content) {}

  private final byte[] body;
  private final byte[] delimiter;
  private final int most;
  private final List<Part> parts = new ArrayList<>();

  private FormParts(byte[] body, String boundary, int most) {
    this.body = body;
    this.delimiter = ("--" + boundary).getBytes(StandardCharsets.UTF_8);
    this.most = most;
  }

  /**
   * The parts of a body, in order.
   *
   * @param most that it may have
   * @throws RequestFailure if it is no form, breaks off, or has more parts or longer heads of them
   *     than it may
   */
  static List<Part> of(byte[] body, String boundary, int most) {
    FormParts form = new FormParts(body, boundary, most);
    form.take();
    return form.parts;
  }

  private void take() {
    int delimited = delimiterFrom(0);
    while (!isLast(delimited)) {
      delimited = part(afterLine(delimited + delimiter.length));
    }
  }

  /** Takes the part whose head begins here; returns where the delimiter behind it is. */
  private int part(int start) {
    if (parts.size() == most) {
      throw bad("the form has more than %d files".formatted(most));
    }
    String field = "";
    String file = "";
    int line = start;
    for (int next = afterLine(line); !isBlank(line, next); next = afterLine(line)) {
      if (next - start > LONGEST_HEAD) {
        throw bad("the form has a part with a head of more than %d bytes".formatted(LONGEST_HEAD));
      }
      String header = new String(body, line, next - line, StandardCharsets.UTF_8);
      if (header.toLowerCase(Locale.ROOT).startsWith(DISPOSITION)) {
        ContentDisposition disposition = disposition(header.substring(DISPOSITION.length()));
        field = orEmpty(disposition.name());
        file = orEmpty(disposition.filename());
      }
      line = next;
    }
    int content = afterLine(line);
    int delimited = delimiterFrom(content);
    int end = Math.max(content, withoutLineEnd(delimited));
    parts.add(new Part(field, file, ByteBuffer.wrap(body, content, end - content)));
    return delimited;
  }

  /** One that cannot be understood names nothing. */
  private static ContentDisposition disposition(String value) {
    try {
      return ContentDisposition.parse(value.strip());
    } catch (IllegalArgumentException e) {
      return ContentDisposition.of("form-data");
    }
  }

  private static String orEmpty(String name) {
    return name == null ? "" : name;
  }

  /** Where the first delimiter from here on is: at the start of a line, with nothing behind it. */
  private int delimiterFrom(int start) {
    for (int line = start; ; line = afterLine(line)) {
      if (isDelimiter(line)) {
        return line;
      }
    }
  }

  private boolean isDelimiter(int line) {
    int end = line + delimiter.length;
    if (end + 1 > body.length) {
      return false;
    }
    for (int i = 0; i < delimiter.length; i++) {
      if (body[line + i] != delimiter[i]) {
        return false;
      }
    }
    return isLast(line) || isBlank(skipBlanks(end), afterLine(end));
  }

  /** Whether the delimiter here closes the form. */
  private boolean isLast(int line) {
    int end = line + delimiter.length;
    return end + 1 < body.length && body[end] == '-' && body[end + 1] == '-';
  }

  private int skipBlanks(int start) {
    int end = start;
    while (end < body.length && (body[end] == ' ' || body[end] == '\t')) {
      end++;
    }
    return end;
  }

  /** Whether there is nothing but the end of a line. */
  private boolean isBlank(int line, int next) {
    return next - line == 1 || (next - line == 2 && body[line] == '\r');
  }

  /** Where the next line starts. */
  private int afterLine(int start) {
    for (int i = start; i < body.length; i++) {
      if (body[i] == '\n') {
        return i + 1;
      }
    }
    throw bad("the form breaks off or is no form");
  }

  private int withoutLineEnd(int start) {
    return start - (start > 1 && body[start - 2] == '\r' ? 2 : 1);
  }

  private static RequestFailure bad(String message) {
    return new RequestFailure(Fault.BAD_REQUEST, message);
  }
}
