package io.voiceprint.server;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServerBuilder;

/**
 * An address that is read: with {@code GET}, or with {@code HEAD}, whose answer has the same
 * headers and no content (RFC 9110, 9.3.2). Armeria leaves the content out, but tells only those
 * methods that an address names.
 */
final class ReadRoute {
  private ReadRoute() {}

  static void add(ServerBuilder server, String address, HttpService service) {
    server.route().path(address).methods(HttpMethod.GET, HttpMethod.HEAD).build(service);
  }
}
