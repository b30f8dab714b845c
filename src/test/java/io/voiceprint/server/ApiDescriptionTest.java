package io.voiceprint.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The OpenAPI description is valid, and speaks of every route that there is. */
class ApiDescriptionTest {
  @Test
  void describesAllRoutes() {
    try (RunningServer server = RunningServer.cold()) {
      assertEquals(routes(server), operations(description(server)));
    }
  }

  /** Every route refuses a timeout that is no number, in the words of its protocol. */
  @Test
  void describesWhatEveryRouteAnswersToABadRequest() {
    try (RunningServer server = RunningServer.cold()) {
      for (var path : description(server).getPaths().entrySet()) {
        for (var operation : path.getValue().readOperationsMap().entrySet()) {
          String route = path.getKey().replaceAll("\\{\\w+}", "1");
          HttpResponse<byte[]> answer =
              server.send(
                  server
                      .request(route)
                      .header("X-Request-Timeout-Ms", "soon")
                      .method(operation.getKey().name(), BodyPublishers.ofString("{}"))
                      .build());
          ApiResponse described = operation.getValue().getResponses().get("default");
          assertNotNull(described, path.getKey());
          assertEquals(400, answer.statusCode(), route);
          assertEquals(
              described.get$ref().endsWith("Problem"),
              answer.headers().firstValue("content-type").orElseThrow().contains("problem"),
              route);
        }
      }
    }
  }

  private static OpenAPI description(RunningServer server) {
    String text = new String(server.get("/v1/openapi.json").body(), StandardCharsets.UTF_8);
    SwaggerParseResult parsed = new OpenAPIV3Parser().readContents(text, null, new ParseOptions());
    assertTrue(parsed.getMessages().isEmpty(), parsed.getMessages().toString());
    return parsed.getOpenAPI();
  }

  private static Set<String> operations(OpenAPI description) {
    Set<String> operations = new TreeSet<>();
    description
        .getPaths()
        .forEach(
            (path, item) ->
                item.readOperationsMap()
                    .keySet()
                    .forEach(method -> operations.add(method + " " + path)));
    return operations;
  }

  /** Of HTTP: gRPC describes itself. */
  private static Set<String> routes(RunningServer server) {
    Set<String> routes = new TreeSet<>();
    server
        .server()
        .routes()
        .forEach(
            route ->
                route
                    .methods()
                    .forEach(
                        method ->
                            routes.add(
                                method
                                    + " "
                                    + route.patternString().replaceAll(":(\\w+)", "{$1}"))));
    routes.removeIf(route -> route.matches("\\w+ /(inference|grpc)\\..*"));
    return routes;
  }
}
