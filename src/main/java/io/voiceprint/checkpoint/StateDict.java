package io.voiceprint.checkpoint;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The named tensors of one weight file, in the file's order, prefixes such as {@code module.}
 * removed.
 *
 * <p>Immutable and thread-safe. The file stays mapped until this object is unreachable.
 */
public final class StateDict {
  private final Path source;
  private final Map<String, StoredTensor> tensors;
  private final Map<String, String> metadata;

  StateDict(Path source, Map<String, StoredTensor> tensors, Map<String, String> metadata) {
    this.source = source;
    this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    this.metadata = Map.copyOf(metadata);
  }

  /**
   * Opens a weight file: a PyTorch checkpoint in zip format or safetensors, told apart by content.
   *
   * <p>Tensors are mapped, not read. Damage that only shows in their bytes (a wrong checksum, a
   * value that is not finite) is found by {@link StoredTensor#readFloats()}.
   *
   * @throws CheckpointException if the file is missing, damaged, of another format, or holds
   *     anything but tensors; nothing in it is ever executed
   */
  public static StateDict open(Path path) throws CheckpointException {
    return CheckpointReader.open(path);
  }

  /** The file it came from, for messages. */
  public Path source() {
    return source;
  }

  /** Names in the file's order. */
  public Set<String> names() {
    return tensors.keySet();
  }

  /** The tensor of that name, or {@code null}. */
  public StoredTensor tensor(String name) {
    return tensors.get(name);
  }

  /** Free-form metadata of the container (safetensors only); empty otherwise. */
  public Map<String, String> metadata() {
    return metadata;
  }
}
