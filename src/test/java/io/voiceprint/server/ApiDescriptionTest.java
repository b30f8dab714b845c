package io.voiceprint.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The OpenAPI description is valid, and speaks of every route that there is. */
class ApiDescriptionTest {
  @Test
  void describesAllRoutes() {
    try (RunningServer server = RunningServer.cold()) {
      String text = new String(server.get("/v1/openapi.json").body(), StandardCharsets.UTF_8);
      SwaggerParseResult parsed =
          new OpenAPIV3Parser().readContents(text, null, new ParseOptions());
      assertTrue(parsed.getMessages().isEmpty(), parsed.getMessages().toString());
      assertEquals(routes(server), operations(parsed.getOpenAPI()));
    }
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
