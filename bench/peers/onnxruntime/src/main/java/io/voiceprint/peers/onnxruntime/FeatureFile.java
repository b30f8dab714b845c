package io.voiceprint.peers.onnxruntime;

import io.voiceprint.frontend.Features;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Features as raw little-endian float32: for each workload in order clips × frames × 80 values, and
 * nothing else.
 */
final class FeatureFile {
  private FeatureFile() {}

  /**
   * Reads the utterances of each workload.
   *
   * @throws IOException if the file has not exactly as many values as the workloads need
   */
  static List<List<Features>> read(Path file, List<Workload> workloads) throws IOException {
    long expected = 0;
    for (Workload workload : workloads) {
      expected += 4L * workload.clips() * workload.frames() * Noise.BINS;
    }
    if (Files.size(file) != expected) {
      throw new IOException(
          "%s: %d bytes, but the workloads %s take %d"
              .formatted(file, Files.size(file), workloads, expected));
    }
    List<List<Features>> all = new ArrayList<>();
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 20))) {
      for (Workload workload : workloads) {
        List<Features> utterances = new ArrayList<>();
        for (int clip = 0; clip < workload.clips(); clip++) {
          utterances.add(utterance(in, workload.frames()));
        }
        all.add(utterances);
      }
    }
    return all;
  }

  private static Features utterance(DataInputStream in, int frames) throws IOException {
    byte[] bytes = new byte[4 * frames * Noise.BINS];
    in.readFully(bytes);
    float[] data = new float[frames * Noise.BINS];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(data);
    return new Features(frames, Noise.BINS, data);
  }
}
