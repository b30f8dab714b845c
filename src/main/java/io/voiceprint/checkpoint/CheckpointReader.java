package io.voiceprint.checkpoint;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Finds out by content, not by name, which format a weight file has, and reads it. */
final class CheckpointReader {
  /** A pickled integer, the first thing in a file of torch.save before PyTorch 1.6. */
  private static final byte[] LEGACY = {(byte) 0x80, 2, (byte) 0x8a, 0x0a, 0x6c, (byte) 0xfc};

  private CheckpointReader() {}

  static StateDict open(Path path) throws CheckpointException {
    MappedFile file = MappedFile.open(path);
    StateDict raw = read(file);
    if (raw.names().isEmpty()) {
      throw file.failure("holds no tensors");
    }
    return new StateDict(path, withoutPrefixes(file, raw), raw.metadata());
  }

  private static StateDict read(MappedFile file) throws CheckpointException {
    if (ZipDirectory.looksLikeZip(file)) {
      return new StateDict(file.path(), TorchCheckpointReader.read(file), Map.of());
    }
    if (SafetensorsReader.looksLikeSafetensors(file)
        || file.path().toString().endsWith(".safetensors")) {
      return SafetensorsReader.read(file);
    }
    if (startsWith(file, LEGACY)) {
      throw file.failure(
          "is in the format of PyTorch before 1.6; convert it with"
              + " torch.save(torch.load(file, map_location='cpu'), new_file)");
    }
    if (file.slice(0, 1).get() == 0x08) {
      throw file.failure(
          "looks like ONNX (protobuf), which is not read; give the .ckpt or .safetensors file");
    }
    throw file.failure("is neither a PyTorch checkpoint (zip) nor safetensors");
  }

  private static boolean startsWith(MappedFile file, byte[] prefix) {
    if (file.size() < prefix.length) {
      return false;
    }
    byte[] start = new byte[prefix.length];
    file.slice(0, prefix.length).get(start);
    return Arrays.equals(start, prefix);
  }

  private static Map<String, StoredTensor> withoutPrefixes(MappedFile file, StateDict raw)
      throws CheckpointException {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (String name : raw.names()) {
      String stripped = strip(name);
      if (tensors.put(stripped, raw.tensor(name)) != null) {
        throw file.failure(name + ": collides with " + stripped + " once its prefix is removed");
      }
    }
    return tensors;
  }

  /** Prefixes that wrapping modules leave: DataParallel's, and the training recipes' own. */
  private static String strip(String name) {
    String rest = name;
    while (rest.startsWith("module.") || rest.startsWith("embedding_model.")) {
      rest = rest.substring(rest.indexOf('.') + 1);
    }
    return rest;
  }
}
