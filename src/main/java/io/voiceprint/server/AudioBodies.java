package io.voiceprint.server;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.multipart.AggregatedBodyPart;
import com.linecorp.armeria.common.multipart.Multipart;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

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
   * @return fails with what Armeria has against the body, or {@link RequestFailure} if it cannot be
   *     understood
   */
  static CompletableFuture<List<Clip>> read(HttpRequest request, int most) {
    requireNotEncoded(request);
    if (!isForm(request)) {
      return request.aggregate().thenApply(body -> List.of(clip("audio", body.content())));
    }
    return parts(request, most).thenApply(AudioBodies::clips);
  }

  /** The parts of a form; many tiny ones take far more memory than the body has bytes. */
  private static CompletableFuture<List<AggregatedBodyPart>> parts(HttpRequest request, int most) {
    Multipart form;
    try {
      form = Multipart.from(request);
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw new RequestFailure(Fault.BAD_REQUEST, "the form has no boundary");
    }
    AtomicInteger count = new AtomicInteger();
    return form.collect(
        part -> {
          if (count.incrementAndGet() > most) {
            throw new RequestFailure(
                Fault.BAD_REQUEST, "the form has more than %d files".formatted(most));
          }
          return part.aggregate();
        });
  }

  /** What is compressed would have to be unpacked before its size is known. */
  static void requireNotEncoded(HttpRequest request) {
    String encoding = request.headers().get(HttpHeaderNames.CONTENT_ENCODING, "identity");
    if (!encoding.equalsIgnoreCase("identity")) {
      throw new RequestFailure(
          Fault.UNSUPPORTED, "Content-Encoding is not supported; send the body as it is");
    }
  }

  private static List<Clip> clips(List<AggregatedBodyPart> parts) {
    List<Clip> clips = new ArrayList<>(parts.size());
    for (AggregatedBodyPart part : parts) {
      String file = part.filename();
      String field = part.name() == null ? "audio" : part.name();
      clips.add(clip(file == null ? field : file, part.content()));
    }
    return clips;
  }

  /** The parts of a form by the names of their fields, each of which must be there once. */
  static CompletableFuture<List<Clip>> read(HttpRequest request, List<String> fields) {
    requireNotEncoded(request);
    if (!isForm(request)) {
      throw new RequestFailure(
          Fault.UNSUPPORTED,
          "send a form (multipart/form-data) with the files " + String.join(" and ", fields));
    }
    return parts(request, fields.size())
        .thenApply(parts -> fields.stream().map(field -> only(parts, field, fields)).toList());
  }

  private static Clip only(List<AggregatedBodyPart> parts, String field, List<String> fields) {
    List<AggregatedBodyPart> named =
        parts.stream().filter(part -> field.equals(part.name())).toList();
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

  private static Clip clip(String name, HttpData content) {
    String shown = name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
    return new Clip.Encoded(shown, ByteBuffer.wrap(content.array()));
  }
}
