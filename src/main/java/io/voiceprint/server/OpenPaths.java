package io.voiceprint.server;

import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Addresses that one check or another does not concern. */
final class OpenPaths {
  private static final Set<String> BUNDLED =
      Stream.concat(Stream.of(BundledFile.openApi()), BundledFile.page().stream())
          .map(BundledFile::address)
          .collect(Collectors.toUnmodifiableSet());

  private OpenPaths() {}

  /** Probes, and what a client loads before anybody can give it a token; nothing of value. */
  static boolean withoutToken(String path) {
    return isHealth(path) || BUNDLED.contains(path);
  }

  /** What tells that the server is stopping must not itself be refused for that. */
  static boolean whileDraining(String path) {
    return isHealth(path)
        || path.startsWith("/inference.GRPCInferenceService/Server")
        || path.equals("/metrics");
  }

  private static boolean isHealth(String path) {
    return path.startsWith("/v2/health/") || path.startsWith("/grpc.health.v1.Health/");
  }

  /** The same check, but not of these. */
  static DecoratingHttpServiceFunction except(
      Predicate<String> open, DecoratingHttpServiceFunction check) {
    return (delegate, context, request) ->
        open.test(context.path())
            ? delegate.serve(context, request)
            : check.serve(delegate, context, request);
  }
}
