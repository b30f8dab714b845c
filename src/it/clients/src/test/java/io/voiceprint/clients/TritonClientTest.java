package io.voiceprint.clients;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import triton.client.InferInput;
import triton.client.InferRequestedOutput;
import triton.client.InferenceException;
import triton.client.InferenceServerClient;
import triton.client.pojo.DataType;

/** Triton's own Java client over REST: what it gets is what the plain HTTP API gives, to the bit. */
class TritonClientTest {
  private static final int TIMEOUT_MS = 30_000;

  private static LaunchedServer server;
  private static InferenceServerClient client;

  @BeforeAll
  static void start() throws Exception {
    server = LaunchedServer.start();
    client = new InferenceServerClient(server.address(), TIMEOUT_MS, TIMEOUT_MS);
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    server.close();
  }

  /** Two clips of different lengths in one tensor (2, T). */
  @ParameterizedTest
  @CsvSource({"true,true", "true,false", "false,true", "false,false"})
  void floats(boolean binaryInput, boolean binaryOutput) throws Exception {
    short[] a = LaunchedServer.pcm("voice_a_1");
    short[] b = LaunchedServer.pcm("voice_b_1");
    int longest = Math.max(a.length, b.length);
    float[] rows = new float[2 * longest];
    for (int i = 0; i < a.length; i++) {
      rows[i] = a[i] / 32768f;
    }
    for (int i = 0; i < b.length; i++) {
      rows[longest + i] = b[i] / 32768f;
    }
    InferInput samples = new InferInput("samples", new long[] {2, longest}, DataType.FP32);
    samples.setData(rows, binaryInput);
    InferInput lengths = new InferInput("lengths", new long[] {2}, DataType.INT32);
    lengths.setData(new int[] {a.length, b.length}, binaryInput);
    float[] embeddings = infer(binaryOutput, samples, lengths);
    int size = embeddings.length / 2;
    assertArrayEquals(server.embedding("voice_a_1"), Arrays.copyOf(embeddings, size));
    assertArrayEquals(
        server.embedding("voice_b_1"), Arrays.copyOfRange(embeddings, size, 2 * size));
  }

  @Test
  void integersWithoutLengths() throws Exception {
    short[] clip = LaunchedServer.pcm("voice_c_1");
    InferInput samples = new InferInput("samples", new long[] {1, clip.length}, DataType.INT16);
    samples.setData(clip, true);
    assertArrayEquals(server.embedding("voice_c_1"), infer(true, samples));
  }

  private static float[] infer(boolean binary, InferInput... inputs) throws InferenceException {
    return client
        .infer("demo", List.of(inputs), List.of(new InferRequestedOutput("embedding", binary)))
        .getOutputAsFloat("embedding");
  }

  @Test
  void understandsErrors() {
    InferInput samples = new InferInput("samples", new long[] {1, 2}, DataType.FP32);
    samples.setData(new float[] {0, 0}, true);
    InferenceException failure =
        assertThrows(InferenceException.class, () -> infer(true, samples));
    assertTrue(failure.getMessage().contains("too short"), failure.getMessage());
  }
}
