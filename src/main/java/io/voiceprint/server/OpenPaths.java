package io.voiceprint.server;

import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import java.util.List;

/** Addresses that one check or another does not concern, by what they begin with. */
final class OpenPaths {
  /** Probes, and what a browser loads before anybody can give it a token; nothing of value. */
  static final List<String> WITHOUT_TOKEN =
      List.of("/v2/health/", "/grpc.health.v1.Health/", "/v1/openapi.json");

  /** What tells that the server is stopping must not itself be refused for that. */
  static final List<String> WHILE_DRAINING =
      List.of(
          "/v2/health/",
          "/grpc.health.v1.Health/",
          "/inference.GRPCInferenceService/Server",
          "/metrics");

  private OpenPaths() {}

  /** The same check, but not of these. */
  static DecoratingHttpServiceFunction except(
      List<String> open, DecoratingHttpServiceFunction check) {
    return (delegate, context, request) ->
        open.stream().anyMatch(context.path()::startsWith)
            ? delegate.serve(context, request)
            : check.serve(delegate, context, request);
  }
}
