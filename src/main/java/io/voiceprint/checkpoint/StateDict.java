package io.voiceprint.checkpoint;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The named tensors of one weight file, in the file's order, prefixes such as {@code module.}
 * removed.
 *
 * <p>Immutable and thread-safe. The file stays open until this object and its tensors are
 * unreachable.
 */
public final class StateDict {
  private final Path source;
  private final Map<String, StoredTensor> tensors;
  private final Map<String, String> metadata;

  private final OnnxGraph network;
  private final Set<Path> files;

  StateDict(Path source, Map<String, StoredTensor> tensors, Map<String, String> metadata) {
    this(source, tensors, metadata, null, Set.of());
  }

  StateDict(
      Path source,
      Map<String, StoredTensor> tensors,
      Map<String, String> metadata,
      OnnxGraph network,
      Set<Path> filesBeside) {
    this.source = source;
    this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    this.metadata = Map.copyOf(metadata);
    this.network = network;
    Set<Path> all = new LinkedHashSet<>(Set.of(source));
    all.addAll(filesBeside);
    this.files = Collections.unmodifiableSet(all);
  }

  /**
   * Tensors that were read from a file in another way.
   *
   * @param source for messages
   */
  public static StateDict of(
      Path source, Map<String, StoredTensor> tensors, Map<String, String> metadata) {
    return new StateDict(source, tensors, metadata);
  }

  /**
   * Opens a weight file: a PyTorch checkpoint in zip format, safetensors or ONNX, told apart by
   * content. The tensors of an ONNX file have whatever names its exporter chose; {@link #network()}
   * says what they are for.
   *
   * <p>Tensors are not read yet. Damage that only shows in their bytes (a wrong checksum, a value
   * that is not finite) is found when they are {@linkplain StoredTensor#reader read}.
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

  /** All that tensors are read from: the file, and those beside it in which ONNX has its data. */
  public Set<Path> files() {
    return files;
  }

  /** Names in the file's order. */
  public Set<String> names() {
    return tensors.keySet();
  }

  /** The tensor of that name, or {@code null}. */
  public StoredTensor tensor(String name) {
    return tensors.get(name);
  }

  /** The network of an ONNX file; {@code null} for a container of weights alone. */
  public OnnxGraph network() {
    return network;
  }

  /** Free-form metadata of the container (safetensors and ONNX only); empty otherwise. */
  public Map<String, String> metadata() {
    return metadata;
  }
}
