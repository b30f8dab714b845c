package io.voiceprint.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.number.Float16;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every container of the reference data holds the weights it should, bit for bit. */
class GoldenCheckpointTest {

  @Test
  void everyContainerOfTheMicroModelHoldsItsWeights() throws Exception {
    StateDict expected = StateDict.open(WeightFiles.micro());
    for (String name : WeightFiles.files("formats/manifest.csv")) {
      Path file = WeightFiles.directory().resolve("formats").resolve(name);
      switch (name) {
        case "legacy_non_zip.ckpt" -> {
          CheckpointException e =
              assertThrows(CheckpointException.class, () -> StateDict.open(file));
          assertTrue(e.getMessage().contains("torch.save(torch.load("), e.getMessage());
        }
        case "float16.ckpt" -> assertSame(expected, file, GoldenCheckpointTest::throughHalf);
        case "bfloat16.ckpt" -> assertSame(expected, file, GoldenCheckpointTest::throughBfloat);
        default -> assertSame(expected, file, x -> x);
      }
    }
  }

  @Test
  void safetensorsHoldTheSameAsCheckpoints() throws Exception {
    int compared = 0;
    for (Path model : WeightFiles.models()) {
      Path other = model.resolve("model.safetensors");
      if (Files.exists(other)) {
        StateDict expected = StateDict.open(model.resolve("model.ckpt"));
        assertSame(expected, other, x -> x);
        assertEquals(new TreeSet<>(expected.names()), new TreeSet<>(StateDict.open(other).names()));
        compared++;
      }
    }
    assertTrue(compared >= 2, "safetensors twins found: " + compared);
  }

  @Test
  void everyModelHasItsDigest() throws Exception {
    int models = 0;
    for (Path model : WeightFiles.models()) {
      String config = Files.readString(model.resolve("config.json"));
      StateDict state = StateDict.open(model.resolve("model.ckpt"));
      assertEquals(field(config, "state_tensors"), "" + state.names().size(), model.toString());
      assertEquals(field(config, "state_sha256"), digest(state), model.toString());
      models++;
    }
    assertTrue(models > 0, "models found");
  }

  /** Sorted keys; of each the key, torch's name of the type, the shape as a list, the bytes. */
  private static String digest(StateDict state) throws Exception {
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    for (String key : new TreeSet<>(state.names())) {
      FileTensor tensor = (FileTensor) state.tensor(key);
      String type = tensor.dtype() == DType.INT64 ? "torch.int64" : "torch.float32";
      sha.update(key.getBytes(StandardCharsets.UTF_8));
      sha.update(type.getBytes(StandardCharsets.UTF_8));
      sha.update(Arrays.toString(tensor.shape()).getBytes(StandardCharsets.UTF_8));
      sha.update(tensor.bytes());
    }
    return HexFormat.of().formatHex(sha.digest());
  }

  private static String field(String json, String name) {
    Matcher matcher = Pattern.compile("\"" + name + "\": \"?(\\w+)").matcher(json);
    assertTrue(matcher.find(), name);
    return matcher.group(1);
  }

  private static void assertSame(StateDict expected, Path file, UnaryOperator<Float> rounding)
      throws IOException {
    StateDict actual = StateDict.open(file);
    for (String name : expected.names()) {
      StoredTensor tensor = expected.tensor(name);
      StoredTensor other = actual.tensor(name);
      if (other == null && name.endsWith(".num_batches_tracked")) {
        continue;
      }
      assertNotNull(other, () -> file + ": " + name);
      assertArrayEquals(tensor.shape(), other.shape(), () -> file + ": " + name);
      if (!tensor.dtype().isFloatingPoint()) {
        assertEquals(tensor.dtype(), other.dtype(), () -> file + ": " + name);
        continue;
      }
      float[] values = tensor.readFloats();
      for (int i = 0; i < values.length; i++) {
        values[i] = rounding.apply(values[i]);
      }
      assertArrayEquals(bits(values), bits(other.readFloats()), () -> file + ": " + name);
    }
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  private static float throughHalf(float value) {
    return Float16.toFloat(Float16.fromFloat(value));
  }

  private static float throughBfloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    return Float.intBitsToFloat((bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000);
  }
}
