package io.voiceprint.clients;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code voiceprint serve} with the demo model, in a process of its own as users have it. */
final class LaunchedServer implements AutoCloseable {
  private static final Path HOME = Path.of("../../..").toAbsolutePath().normalize();
  private static final Pattern PORT = Pattern.compile("\"message\":\"ready\".*\"port\":(\\d+)");
  private static final int HEADER = 44;

  private final Process process;
  private final int port;

  private LaunchedServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Returns once it is ready. */
  static LaunchedServer start() throws IOException {
    Process process =
        new ProcessBuilder(HOME.resolve("voiceprint").toString(), "serve", "--port", "0")
            .directory(HOME.toFile())
            .redirectErrorStream(true)
            .start();
    BufferedReader log = process.inputReader();
    StringBuilder said = new StringBuilder();
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      said.append(line).append('\n');
      Matcher ready = PORT.matcher(line);
      if (ready.find()) {
        readOn(log);
        return new LaunchedServer(process, Integer.parseInt(ready.group(1)));
      }
    }
    throw new IllegalStateException("the server ended:\n" + said);
  }

  /** A log that nobody reads would stop the server in the end. */
  private static void readOn(BufferedReader log) {
    Thread reader =
        new Thread(
            () -> {
              try {
                log.transferTo(Writer.nullWriter());
              } catch (IOException e) {
                // The server has ended.
              }
            },
            "log");
    reader.setDaemon(true);
    reader.start();
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  /** A sample's file as it is. */
  static byte[] wav(String sample) throws IOException {
    return Files.readAllBytes(HOME.resolve("weights/demo/samples").resolve(sample + ".wav"));
  }

  /** A sample's 16-bit samples. */
  static short[] pcm(String sample) throws IOException {
    byte[] wav = wav(sample);
    ByteBuffer data = ByteBuffer.wrap(wav, HEADER, wav.length - HEADER);
    short[] values = new short[data.remaining() / Short.BYTES];
    data.order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(values);
    return values;
  }

  /** The sample's embedding by the plain HTTP API. */
  float[] embedding(String sample) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + address() + "/v1/embeddings"))
            .POST(BodyPublishers.ofByteArray(wav(sample)))
            .build();
    String answer =
        HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    JsonNode values = new ObjectMapper().readTree(answer).at("/embeddings/0/embedding");
    float[] embedding = new float[values.size()];
    for (int i = 0; i < embedding.length; i++) {
      embedding[i] = Float.parseFloat(values.get(i).asText());
    }
    return embedding;
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      int exitCode = process.waitFor();
      if (exitCode != 0) {
        throw new IOException("the server ended with " + exitCode);
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
