package io.voiceprint.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.server.FormParts.Part;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forms as clients send them, and as they should not. */
class FormPartsTest {
  private static List<Part> parts(String body) {
    return FormParts.of(body.getBytes(StandardCharsets.UTF_8), "boundary", 3);
  }

  private static String text(Part part) {
    byte[] bytes = new byte[part.content().remaining()];
    part.content().duplicate().get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void namesAndContents() {
    List<Part> parts =
        parts(
            """
            a preamble
            --boundary \t\r
            Content-Type: audio/wav\r
            Content-Disposition: form-data; name="a"; filename="zoë 漢.wav"\r
            \r
            one\r
            --boundary\r
            CONTENT-DISPOSITION: form-data; name=b\r
            \r
            \r
            --boundary\r
            \r
            --boundary--
            an epilogue
            """);
    assertEquals(List.of("a", "b", ""), parts.stream().map(Part::field).toList());
    assertEquals(List.of("zoë 漢.wav", "", ""), parts.stream().map(Part::file).toList());
    assertEquals(List.of("one", "", ""), parts.stream().map(FormPartsTest::text).toList());
  }

  @Test
  void contentsMayBeAnything() {
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    String head = "--boundary\r\n\r\n";
    for (String content :
        List.of(
            "\r\n", "\n\n", "--boundary", "\n--boundaryx\r\n", "\n--boundar", "\n--boundary \t-")) {
      byte[] before = (head + content).getBytes(StandardCharsets.UTF_8);
      byte[] after = "\r\n--boundary--".getBytes(StandardCharsets.UTF_8);
      byte[] body =
          ByteBuffer.allocate(before.length + all.length + after.length)
              .put(before)
              .put(all)
              .put(after)
              .array();
      ByteBuffer found = FormParts.of(body, "boundary", 1).get(0).content();
      byte[] bytes = new byte[found.remaining()];
      found.get(bytes);
      byte[] expected = new byte[before.length - head.length() + all.length];
      System.arraycopy(body, head.length(), expected, 0, expected.length);
      assertArrayEquals(expected, bytes, content);
    }
  }

  @Test
  void whatNamesNothingHasNoName() {
    Part part =
        parts("--boundary\nContent-Disposition: form-data; filename*=x'y'z;;=\n\n1\n--boundary--")
            .get(0);
    assertEquals("", part.field());
    assertEquals("1", text(part));
  }

  @Test
  void nothingIsAForm() {
    assertEquals(List.of(), parts("--boundary--\r\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "\n\n\n",
        "--boundary",
        "--boundary-",
        "--boundary\r\n",
        "--boundary\r\n\r\n",
        "--boundary\r\nContent-Disposition: form-data; name=a\r\n",
        "--boundary\r\n\r\none\r\n--boundary",
        "--boundary\r\n\r\none--boundary--",
        "--boundar\r\n\r\none\r\n--boundar--\r\n"
      })
  void whatBreaksOffIsRefused(String body) {
    RequestFailure failure = assertThrows(RequestFailure.class, () -> parts(body));
    assertEquals(Fault.BAD_REQUEST, failure.fault());
    assertEquals("the form breaks off or is no form", failure.getMessage());
  }

  @Test
  void partsAndTheirHeadsAreBounded() {
    String part = "--boundary\r\n\r\n1\r\n";
    assertEquals(3, parts(part.repeat(3) + "--boundary--").size());
    assertRefused("more than 3 files", part.repeat(4) + "--boundary--");
    String header = "X-A: " + "b".repeat(4096) + "\r\n";
    assertRefused("a head of more than", "--boundary\r\n" + header + "\r\n1\r\n--boundary--");
    assertRefused(
        "a head of more than",
        "--boundary\r\n" + "A: b\r\n".repeat(1000) + "\r\n1\r\n--boundary--");
  }

  private static void assertRefused(String message, String body) {
    String failure = assertThrows(RequestFailure.class, () -> parts(body)).getMessage();
    assertTrue(failure.contains(message), failure);
  }
}
