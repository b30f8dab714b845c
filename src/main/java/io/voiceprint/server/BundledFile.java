package io.voiceprint.server;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * A file that the program brings with it and serves at one address; read once, when the server
 * starts, so that no request ever names a file.
 *
 * @param address such as {@code /v1/openapi.json}
 * @param type of its content
 * @param content what is served
 */
record BundledFile(String address, MediaType type, HttpData content) {

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

  void addTo(ServerBuilder server) {
    server
        .route()
        .get(address)
        .build((context, request) -> HttpResponse.of(HttpStatus.OK, type, content));
  }
}
