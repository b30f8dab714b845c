package io.voiceprint.server;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServerBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A file that the program brings with it and serves at one address; read once, when the server
 * starts, so that no request ever names a file.
 *
 * @param address such as {@code /v1/openapi.json}
 * @param type of its content
 * @param content what is served
 */
record BundledFile(String address, MediaType type, HttpData content) {

  private static final MediaType SCRIPT = MediaType.parse("text/javascript; charset=utf-8");

  private static final List<String> SCRIPTS =
      List.of("filterbank.js", "pictures.js", "clips.js", "figures.js", "page.js");

  /** The page loads nothing from elsewhere, sends nothing elsewhere, and nobody frames it. */
  private static final HttpHeaders SAFETY =
      HttpHeaders.of(
          HttpHeaderNames.CONTENT_SECURITY_POLICY,
          "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
              + " img-src data:; media-src blob:; base-uri 'none'; form-action 'none';"
              + " frame-ancestors 'none'; require-trusted-types-for 'script'",
          HttpHeaderNames.X_CONTENT_TYPE_OPTIONS,
          "nosniff",
          HttpHeaderNames.REFERRER_POLICY,
          "no-referrer",
          HttpHeaderNames.CACHE_CONTROL,
          "no-cache");

  /**
   * A resource beside this class.
   *
   * @param name of the resource
   */
  static BundledFile of(String address, MediaType type, String name) {
    try (InputStream file = BundledFile.class.getResourceAsStream(name)) {
      return new BundledFile(address, type, HttpData.wrap(file.readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All of the HTTP API for programs, as OpenAPI 3.0 has it. */
  static BundledFile openApi() {
    BundledFile file = of("/v1/openapi.json", MediaType.JSON, "openapi.json");
    String text = file.content().toStringUtf8().replace("${version}", InferenceMetadata.version());
    return new BundledFile(file.address(), file.type(), HttpData.ofUtf8(text));
  }

  /** The web page, for people. */
  static List<BundledFile> page() {
    List<BundledFile> files = new ArrayList<>();
    files.add(of("/", MediaType.HTML_UTF_8, "page.html"));
    files.add(of("/page.css", MediaType.CSS_UTF_8, "page.css"));
    for (String name : SCRIPTS) {
      files.add(of("/" + name, SCRIPT, name));
    }
    return files;
  }

  void addTo(ServerBuilder server) {
    ResponseHeaders headers =
        ResponseHeaders.builder(HttpStatus.OK).contentType(type).add(SAFETY).build();
    server.route().get(address).build((context, request) -> HttpResponse.of(headers, content));
  }
}
