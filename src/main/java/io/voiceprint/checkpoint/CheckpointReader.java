package io.voiceprint.checkpoint;

import java.nio.file.Path;
import java.util.Arrays;

/** Finds out by content, not by name, which format a weight file has, and reads it. */
final class CheckpointReader {
  /** A pickled integer, the first thing in a file of torch.save before PyTorch 1.6. */
  private static final byte[] LEGACY = {(byte) 0x80, 2, (byte) 0x8a, 0x0a, 0x6c, (byte) 0xfc};

  private CheckpointReader() {}

  static StateDict open(Path path) throws CheckpointException {
    WeightFile file = WeightFile.open(path);
    try {
      return read(file);
    } catch (CheckpointException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static StateDict read(WeightFile file) throws CheckpointException {
    if (ZipDirectory.looksLikeZip(file)) {
      return TorchCheckpointReader.read(file);
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
    if (looksLikeOnnx(file)) {
      return readOnnx(file);
    }
    throw file.failure("is neither a PyTorch checkpoint (zip), nor safetensors, nor ONNX");
  }

  private static StateDict readOnnx(WeightFile file) throws CheckpointException {
    try {
      return OnnxReader.read(file);
    } catch (NoClassDefFoundError e) {
      throw new CheckpointException(
          file.path() + ": reading ONNX needs com.google.protobuf:protobuf-java on the class path",
          e);
    }
  }

  /** By the number of the first field, {@code ir_version}; else by the name. */
  private static boolean looksLikeOnnx(WeightFile file) throws CheckpointException {
    return file.slice(0, 1).get() == 0x08 || file.path().toString().endsWith(".onnx");
  }

  private static boolean startsWith(WeightFile file, byte[] prefix) throws CheckpointException {
    if (file.size() < prefix.length) {
      return false;
    }
    byte[] start = new byte[prefix.length];
    file.slice(0, prefix.length).get(start);
    return Arrays.equals(start, prefix);
  }
}
