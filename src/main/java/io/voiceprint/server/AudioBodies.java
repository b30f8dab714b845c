package io.voiceprint.server;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.MediaType;
import io.voiceprint.server.FormParts.Part;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Audio in the body of a request: one file as it is, or several as a form's. */
final class AudioBodies {
  private static final int LONGEST_NAME = 200;

  private AudioBodies() {}

  static boolean isForm(HttpRequest request) {
    MediaType type = request.contentType();
    return type != null && type.is(MediaType.ANY_MULTIPART_TYPE);
  }

  /**
   * All files of a body, in order, once all of it is there.
   *
   * @param most files that a form may have
   * @param parser takes forms apart
   * @return fails with what Armeria has against the body, or {@link RequestFailure} if it cannot be
   *     understood
   */
  static CompletableFuture<List<Clip>> read(HttpRequest request, int most, Executor parser) {
    requireNotEncoded(request);
    if (!isForm(request)) {
      return request
          .aggregate()
          .thenApply(body -> List.of(clip("audio", ByteBuffer.wrap(body.content().array()))));
    }
    return parts(request, most, parser).thenApply(AudioBodies::clips);
  }

  private static CompletableFuture<List<Part>> parts(
      HttpRequest request, int most, Executor parser) {
    String boundary =
        request.contentType().parameters().getOrDefault("boundary", List.of()).stream()
            .filter(said -> !said.isEmpty())
            .findFirst()
            .orElseThrow(() -> new RequestFailure(Fault.BAD_REQUEST, "the form has no boundary"));
    return request
        .aggregate()
        .thenApplyAsync(body -> FormParts.of(body.content().array(), boundary, most), parser);
  }

  /** What is compressed would have to be unpacked before its size is known. */
  static void requireNotEncoded(HttpRequest request) {
    String encoding = request.headers().get(HttpHeaderNames.CONTENT_ENCODING, "identity");
    if (!encoding.equalsIgnoreCase("identity")) {
      throw new RequestFailure(
          Fault.UNSUPPORTED, "Content-Encoding is not supported; send the body as it is");
    }
  }

  private static List<Clip> clips(List<Part> parts) {
    return parts.stream()
        .map(part -> clip(part.file().isEmpty() ? named(part) : part.file(), part.content()))
        .toList();
  }

  private static String named(Part part) {
    return part.field().isEmpty() ? "audio" : part.field();
  }

  /** The parts of a form by the names of their fields, each of which must be there once. */
  static CompletableFuture<List<Clip>> read(
      HttpRequest request, List<String> fields, Executor parser) {
    requireNotEncoded(request);
    if (!isForm(request)) {
      throw new RequestFailure(
          Fault.UNSUPPORTED,
          "send a form (multipart/form-data) with the files " + String.join(" and ", fields));
    }
    return parts(request, fields.size(), parser)
        .thenApply(parts -> fields.stream().map(field -> only(parts, field, fields)).toList());
  }

  private static Clip only(List<Part> parts, String field, List<String> fields) {
    List<Part> named = parts.stream().filter(part -> field.equals(part.field())).toList();
    if (named.size() != 1) {
      throw wrongFields(fields);
    }
    return clip(field, named.get(0).content());
  }

  private static RequestFailure wrongFields(List<String> fields) {
    return new RequestFailure(
        Fault.BAD_REQUEST,
        "the form must have the files %s, each once, and nothing else"
            .formatted(String.join(" and ", fields)));
  }

  private static Clip clip(String name, ByteBuffer content) {
    String shown = name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
    return new Clip.Encoded(shown, content);
  }
}
