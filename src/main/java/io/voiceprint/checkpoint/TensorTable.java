package io.voiceprint.checkpoint;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tensors of one file in its order, under the names that the network itself gave them. */
final class TensorTable {
  /** What wrapping modules put before each name: DataParallel, and training recipes. */
  private static final List<String> PREFIXES = List.of("module.", "embedding_model.");

  private final WeightFile file;
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();

  TensorTable(WeightFile file) {
    this.file = file;
  }

  /** The name without the prefixes of wrapping modules. */
  static String strip(String stored) {
    String name = stored;
    for (String prefix : PREFIXES) {
      if (name.startsWith(prefix)) {
        name = name.substring(prefix.length());
      }
    }
    return name;
  }

  void add(FileTensor tensor) throws CheckpointException {
    if (tensors.put(tensor.name(), tensor) != null) {
      throw file.failure(tensor.name() + ": appears twice once prefixes " + PREFIXES + " are gone");
    }
  }

  StateDict toStateDict(Map<String, String> metadata) throws CheckpointException {
    if (tensors.isEmpty()) {
      throw file.failure("holds no tensors");
    }
    return new StateDict(file.path(), Collections.unmodifiableMap(tensors), metadata);
  }
}
