package io.voiceprint.server;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The methods that an address knows, as the header {@code Allow} lists them (RFC 9110, 10.2.1). */
final class AllowedMethods {
  private AllowedMethods() {}

  /** Those of the address that a request went to, separated by commas; none if nothing is there. */
  static String of(ServiceRequestContext context) {
    return context.config().server().serviceConfigs().stream()
        .map(ServiceConfig::route)
        .flatMap(
            route ->
                route.methods().stream()
                    .filter(
                        method ->
                            route
                                .apply(context.routingContext().withMethod(method), false)
                                .isPresent()))
        .flatMap(AllowedMethods::withHead)
        .map(HttpMethod::name)
        .collect(Collectors.toCollection(TreeSet::new))
        .stream()
        .collect(Collectors.joining(", "));
  }

  /** Whatever is read with GET, Armeria also answers for HEAD, though no route says so. */
  private static Stream<HttpMethod> withHead(HttpMethod method) {
    return method == HttpMethod.GET
        ? Stream.of(HttpMethod.GET, HttpMethod.HEAD)
        : Stream.of(method);
  }
}
