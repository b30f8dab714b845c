package io.voiceprint.server;

import static io.voiceprint.server.RunningServer.json;
import static io.voiceprint.server.RunningServer.sample;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.voiceprint.process.ChildProcess;
import io.voiceprint.server.config.ConfigException;
import io.voiceprint.server.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens, TLS, and what the server shows of its machine. */
class SecurityTest {
  private static final String TOKEN = "b9f6e0c4a1d24f7a8e3c5d60";

  @TempDir private Path folder;

  @Test
  void withoutAValidTokenNothingButHealthAnswers() throws Exception {
    Path tokens = Files.writeString(folder.resolve("tokens"), "# ours\n" + TOKEN + "\n");
    try (RunningServer server = RunningServer.start("token-file=" + tokens);
        GrpcChannel channel = GrpcChannel.to(server.port())) {
      byte[] wav = sample("voice_a_1");
      for (String[] headers :
          List.of(
              new String[0],
              new String[] {"authorization", "Bearer " + TOKEN + "0"},
              new String[] {"authorization", "Bearer " + TOKEN.substring(1)},
              new String[] {"authorization", "Basic " + TOKEN},
              new String[] {"authorization", "Bearer "})) {
        HttpResponse<byte[]> refused = server.post("/v1/embeddings", wav, headers);
        assertEquals(401, refused.statusCode());
        assertEquals("Bearer", refused.headers().firstValue("www-authenticate").orElseThrow());
        assertEquals(401, server.get("/metrics", headers).statusCode());
        assertEquals(401, server.get("/v2", headers).statusCode());
      }
      assertEquals(200, server.get("/v2/health/ready").statusCode());
      String good = "Bearer " + TOKEN;
      assertEquals(200, server.post("/v1/embeddings", wav, "authorization", good).statusCode());

      GRPCInferenceServiceBlockingStub stub = channel.stub();
      StatusRuntimeException refused =
          assertThrows(
              StatusRuntimeException.class,
              () -> stub.modelInfer(Inference.files("demo", "voice_a_1")));
      assertEquals(Status.Code.UNAUTHENTICATED, refused.getStatus().getCode());
      assertEquals(
          "send a token of this server: Authorization: Bearer TOKEN",
          refused.getStatus().getDescription());
      Metadata header = new Metadata();
      header.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), good);
      var allowed = stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(header));
      assertEquals(
          1, allowed.modelInfer(Inference.files("demo", "voice_a_1")).getOutputs(0).getShape(0));
    }
  }

  @Test
  void speaksTlsAloneWhenItHasACertificate() throws Exception {
    Path store = folder.resolve("store.p12");
    run(
        "keytool -genkeypair -alias a -keyalg EC -dname CN=localhost -ext SAN=ip:127.0.0.1"
            + " -storetype PKCS12 -storepass secret1 -keystore "
            + store);
    KeyStore keys = KeyStore.getInstance(store.toFile(), "secret1".toCharArray());
    Path certificate = pem("CERTIFICATE", keys.getCertificate("a").getEncoded());
    Path key = pem("PRIVATE KEY", keys.getKey("a", "secret1".toCharArray()).getEncoded());
    try (RunningServer server =
        RunningServer.start("tls-certificate=" + certificate, "tls-key=" + key)) {
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("a", keys.getCertificate("a"));
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      HttpClient client =
          HttpClient.newBuilder().sslContext(context).sslParameters(new SSLParameters()).build();
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create("https://127.0.0.1:%d/v1/embeddings".formatted(server.port())))
              .POST(HttpRequest.BodyPublishers.ofByteArray(sample("voice_a_1")))
              .build();
      assertEquals(200, client.send(request, BodyHandlers.ofByteArray()).statusCode());
      assertThrows(Exception.class, () -> server.get("/v2/health/live"));
    }
    KeyPair other = KeyPairGenerator.getInstance("EC").generateKeyPair();
    Path wrong = pem("OTHER KEY", other.getPrivate().getEncoded());
    Files.writeString(wrong, Files.readString(wrong).replace("OTHER KEY", "PRIVATE KEY"));
    ConfigException failure =
        assertThrows(
            ConfigException.class,
            () -> RunningServer.cold("tls-certificate=" + certificate, "tls-key=" + wrong));
    assertTrue(failure.getMessage().contains("do not belong together"), failure.getMessage());
  }

  private static void run(String command) throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin").toString();
    var unused = ChildProcess.run(Map.of(), List.of((java + "/" + command).split(" ", -1)));
  }

  private Path pem(String kind, byte[] content) throws Exception {
    String text = Base64.getMimeEncoder().encodeToString(content);
    return Files.writeString(
        folder.resolve(kind.replace(' ', '_') + ".pem"),
        "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(kind, text, kind));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/v1/..%2f..%2fetc/passwd",
        "/v2/models/..%2f..%2fpom/ready",
        "/v2/models/%2Fetc%2Fpasswd",
        "/file:///etc/passwd",
        "/pom.xml"
      })
  void noPathOfTheServerIsReadable(String path) {
    try (RunningServer server =
        RunningServer.start("model-control=true", "model-folder=weights/demo")) {
      HttpResponse<byte[]> response = server.get(path);
      assertTrue(response.statusCode() == 404 || response.statusCode() == 400, path);
      String text = new String(response.body(), StandardCharsets.UTF_8);
      assertFalse(text.contains("root:") || text.contains("<project"), text);
      String load = "/v2/repository/models/" + path.substring(1).replace("/", "%2F") + "/load";
      int status = server.post(load, new byte[0]).statusCode();
      assertTrue(status == 404 || status == 400, load + ": " + status);
    }
  }

  @Test
  void errorsTellNothingOfTheServersFiles() {
    try (RunningServer server = RunningServer.start("model-control=true")) {
      String index =
          new String(
              server.post("/v2/repository/index", new byte[0]).body(), StandardCharsets.UTF_8);
      String models = json(server.get("/v1/models")).toString();
      for (String text : List.of(index, models)) {
        assertFalse(text.contains("weights") || text.contains("safetensors"), text);
      }
    }
  }
}
