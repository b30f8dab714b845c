package io.voiceprint.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each malformed file ends in one clear line, soon, and without a large allocation. */
class MalformedCheckpointTest {
  /** Wrong for a network, not as a container: the model loader refuses them. */
  private static final Set<String> MODEL_FAULTS =
      Set.of(
          "missing_key.ckpt",
          "wrong_shape.ckpt",
          "wrong_shape_seg.ckpt",
          "extra_key.ckpt",
          "negative_variance.ckpt");

  /** What the message must say, beside the file. */
  private static final Map<String, String> REASONS =
      Map.ofEntries(
          // Protocol 2 spells the names of Python 2.
          Map.entry("pickle_os_system.ckpt", ".system"),
          Map.entry("pickle_eval.ckpt", "__builtin__.eval"),
          Map.entry("pickle_subprocess.ckpt", "commands.call"),
          Map.entry("int_weight.ckpt", "conv1.weight: is of type INT64"),
          Map.entry("nan_weight.ckpt", "conv1.weight: element 0 of 18 is NaN"),
          Map.entry("empty.ckpt", "0 bytes"),
          Map.entry("truncated_tail.ckpt", "truncated"),
          Map.entry("zip_bad_crc.ckpt", "CRC-32"),
          Map.entry("zip_entry_size_4g.ckpt", "damaged zip"),
          Map.entry("zip_without_pickle.ckpt", "not a PyTorch checkpoint"),
          Map.entry("list_not_dict.ckpt", "a list"),
          Map.entry("bare_tensor.ckpt", "one tensor"),
          Map.entry("empty_dict.ckpt", "no tensors"),
          Map.entry("storage_missing.ckpt", "data/7"),
          Map.entry("storage_too_short.ckpt", "20 bytes"),
          Map.entry("offset_out_of_range.ckpt", "offset 10"),
          Map.entry("stride_out_of_range.ckpt", "reaches"),
          Map.entry("negative_offset.ckpt", "offset -4"),
          Map.entry("absurd_shape_product_overflow.ckpt", "conv1.weight: dimension 0 has size"),
          Map.entry("pickle_deep_nesting.ckpt", "nested deeper"),
          Map.entry("pickle_huge_string.ckpt", "cut off"),
          Map.entry("pickle_memo_missing.ckpt", "memo slot"),
          Map.entry("pickle_bad_opcode.ckpt", "unsupported instruction"),
          Map.entry("pickle_stack_underflow.ckpt", "stack is empty"),
          Map.entry("st_header_len_huge.safetensors", "header of"),
          Map.entry("st_not_json.safetensors", "JSON"),
          Map.entry("st_unknown_dtype.safetensors", "Q7"),
          Map.entry("st_offset_mismatch.safetensors", "data_offsets"),
          Map.entry("st_reversed_offsets.safetensors", "data_offsets"),
          Map.entry("random.onnx", "not ONNX"),
          Map.entry("truncated.onnx", "ONNX"));

  @Test
  void everyMalformedFileIsRefused() throws Exception {
    int seen = 0;
    for (String name : WeightFiles.files("bad/manifest.csv")) {
      Path file = WeightFiles.directory().resolve("bad").resolve(name);
      if (name.endsWith(".wav")) {
        continue;
      }
      // The path traversal entry is a name that nothing looks up; the weights beside it are sound.
      if (MODEL_FAULTS.contains(name) || name.equals("zip_path_traversal.ckpt")) {
        Exhaustive.readAll(file);
        continue;
      }
      long before = Exhaustive.allocatedBytes();
      CheckpointException e =
          assertThrows(CheckpointException.class, () -> Exhaustive.readAll(file), name);
      long allocated = Exhaustive.allocatedBytes() - before;
      assertTrue(
          allocated <= Exhaustive.allowedBytes(Files.size(file)), name + ": " + allocated + " B");
      assertOneLine(e, file, REASONS.getOrDefault(name, ""));
      assertTimeoutPreemptively(
          Duration.ofSeconds(5),
          () -> assertThrows(CheckpointException.class, () -> Exhaustive.readAll(file)));
      seen++;
    }
    assertTrue(seen > 40, "malformed files seen: " + seen);
  }

  @Test
  void whatIsNoFileIsNamed(@TempDir Path directory) throws Exception {
    assertOneLine(
        assertThrows(CheckpointException.class, () -> StateDict.open(directory)),
        directory,
        "is a directory");
    Path missing = directory.resolve("missing.ckpt");
    assertOneLine(
        assertThrows(CheckpointException.class, () -> StateDict.open(missing)),
        missing,
        "no such file");
    Path text = Files.writeString(directory.resolve("a.pt"), "x");
    assertOneLine(
        assertThrows(CheckpointException.class, () -> StateDict.open(text)), text, "neither");
  }

  /** Whoever asks a server again and again for a model that is none must not use up its files. */
  @Test
  void aFileThatIsRefusedIsClosed(@TempDir Path directory) throws Exception {
    Path open = Path.of("/proc/self/fd");
    assumeTrue(Files.isDirectory(open), "this system does not tell which files are open");
    Path text = Files.writeString(directory.resolve("a.pt"), "x").toRealPath();
    assertThrows(CheckpointException.class, () -> StateDict.open(text));
    try (Stream<Path> descriptors = Files.list(open)) {
      assertFalse(descriptors.anyMatch(each -> leadsTo(each, text)), "left open");
    }
  }

  private static boolean leadsTo(Path link, Path file) {
    try {
      return Files.readSymbolicLink(link).equals(file);
    } catch (IOException e) {
      return false;
    }
  }

  private static void assertOneLine(CheckpointException e, Path file, String reason) {
    String message = e.getMessage();
    assertEquals(1, message.lines().count(), message);
    assertTrue(message.startsWith(file + ": "), message);
    assertTrue(message.contains(reason), message);
  }
}
