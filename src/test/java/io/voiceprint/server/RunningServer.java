package io.voiceprint.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.voiceprint.Device;
import io.voiceprint.DeviceAvailability;
import io.voiceprint.EncoderOptions;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.server.config.ServerConfig;
import io.voiceprint.server.config.Setting;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A server on a free port of this machine, with the demo model, and a plain client of it. */
final class RunningServer implements AutoCloseable {
  static final Path MODEL = Path.of("weights/demo/eres2net_demo.safetensors");
  static final Path SAMPLES = Path.of("weights/demo/samples");

  /** The CPU engine where there is one. */
  static final Device DEVICE =
      DeviceAvailability.all().stream()
          .filter(each -> each.device() != Device.CUDA && each.isAvailable())
          .findFirst()
          .orElseThrow()
          .device();

  /** Of the clips' files, before their 16-bit samples. */
  private static final int HEADER_BYTES = 44;

  private static final int SAMPLE_RATE = 16_000;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final VoiceprintServer server;
  private final HttpClient client;
  private final int port;

  private RunningServer(VoiceprintServer server, HttpClient client) {
    this.server = server;
    this.client = client;
    this.port = server.port();
  }

  /** Starts one and waits until it is ready; settings as {@code "max-items=2"}. */
  static RunningServer start(String... settings) {
    RunningServer running = new RunningServer(VoiceprintServer.start(config(settings)), client());
    running.server.load().join();
    return running;
  }

  /** Starts one that has loaded nothing. */
  static RunningServer cold(String... settings) {
    return new RunningServer(VoiceprintServer.start(config(settings)), client());
  }

  private static HttpClient client() {
    return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  /** With the demo model called demo, unless the settings say {@code "model=NAME=FILE"}. */
  static ServerConfig config(String... settings) {
    Map<Setting, String> flags = new EnumMap<>(Setting.class);
    flags.put(Setting.PORT, "0");
    flags.put(Setting.DEVICE, DEVICE.toString());
    flags.put(Setting.WARM_UP_SECONDS, "1");
    List<String> models = new ArrayList<>();
    for (String setting : settings) {
      String[] parts = setting.split("=", 2);
      if (parts[0].equals("model")) {
        models.add(parts[1]);
      } else {
        flags.put(Setting.valueOf(parts[0].toUpperCase(Locale.ROOT).replace('-', '_')), parts[1]);
      }
    }
    if (models.isEmpty()) {
      models.add("demo=" + MODEL);
    }
    return ServerConfig.of(flags, models, Map.of(), Optional.empty());
  }

  /** The library itself, as the server's model computes. */
  static SpeakerEncoder library() {
    return SpeakerEncoder.open(MODEL, EncoderOptions.DEFAULTS.withDevice(DEVICE));
  }

  VoiceprintServer server() {
    return server;
  }

  int port() {
    return port;
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  HttpResponse<byte[]> get(String path, String... headers) {
    return send(request(path, headers).GET().build());
  }

  HttpResponse<byte[]> post(String path, byte[] body, String... headers) {
    return send(request(path, headers).POST(BodyPublishers.ofByteArray(body)).build());
  }

  HttpRequest.Builder request(String path, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return request;
  }

  HttpResponse<byte[]> send(HttpRequest request) {
    try {
      return client.send(request, BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** A bare connection. */
  Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), port());
  }

  HttpClient http() {
    return client;
  }

  static JsonNode json(HttpResponse<byte[]> response) {
    return json(response.body());
  }

  static JsonNode json(byte[] text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(new String(text, StandardCharsets.UTF_8), e);
    }
  }

  /** The floats of a JSON array, each read as a float. */
  static float[] floats(JsonNode array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.parseFloat(array.get(i).asText());
    }
    return values;
  }

  static byte[] sample(String name) {
    try {
      return Files.readAllBytes(SAMPLES.resolve(name + ".wav"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The first half second of one, for a device that is slow. */
  static byte[] shortSample(String name) {
    return Arrays.copyOf(sample(name), HEADER_BYTES + Short.BYTES * SAMPLE_RATE / 2);
  }

  /** The samples of one of the clips, which have 16 bits. */
  static short[] integers(String name) {
    byte[] wav = sample(name);
    short[] integers = new short[(wav.length - HEADER_BYTES) / Short.BYTES];
    ByteBuffer.wrap(wav)
        .order(ByteOrder.LITTLE_ENDIAN)
        .position(HEADER_BYTES)
        .asShortBuffer()
        .get(integers);
    return integers;
  }

  /** Boundary of {@link #form}. */
  static final String FORM_TYPE = "multipart/form-data; boundary=boundary";

  /** A form of files: field, file name, content, and so on. */
  static byte[] form(Object... parts) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int i = 0; i < parts.length; i += 3) {
      body.writeBytes(
          "--boundary\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\n\r\n"
              .formatted(parts[i], parts[i + 1])
              .getBytes(StandardCharsets.UTF_8));
      body.writeBytes((byte[]) parts[i + 2]);
      body.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
    }
    body.writeBytes("--boundary--\r\n".getBytes(StandardCharsets.UTF_8));
    return body.toByteArray();
  }

  @Override
  public void close() {
    server.close();
  }
}
