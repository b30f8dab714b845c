package io.voiceprint.bench;

import io.voiceprint.bench.format.ResultsFile;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.reference.ReferenceEngine;
import io.voiceprint.frontend.Features;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A peer: reads features and writes a report, as {@code bench/README.md} asks. */
final class ExamplePeer {
  /** Property that says what it does wrong; empty for nothing. */
  static final String FAULT = "fault";

  private ExamplePeer() {}

  /** Entry point. */
  public static void main(String[] arguments) throws IOException {
    String fault = System.getProperty(FAULT);
    if (fault.equals("exit")) {
      System.err.println("no such provider");
      System.exit(3);
    }
    Map<String, String> options = new HashMap<>();
    for (int i = 0; i < arguments.length; i += 2) {
      options.put(arguments[i], arguments[i + 1]);
    }
    System.err.println(
        "--threads %s --device %s %s"
            .formatted(options.get("--threads"), options.get("--device"), options.get("--onnx")));
    FloatBuffer features =
        ByteBuffer.wrap(Files.readAllBytes(Path.of(options.get("--features"))))
            .order(ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer();
    List<Object> results = new ArrayList<>();
    for (String workload : options.get("--workloads").split(",", -1)) {
      results.add(result(workload, features, fault));
    }
    if (features.hasRemaining()) {
      throw new IllegalStateException(features.remaining() + " values too many");
    }
    Map<String, Object> report =
        JsonTree.fields()
            .put("schema", ResultsFile.SCHEMA)
            .put("version", ResultsFile.VERSION)
            .put("results", results)
            .put(
                "memory",
                List.of(
                    JsonTree.fields()
                        .put("engine", "example 1.0 cpu")
                        .put("peak_resident_mib", 123.0)
                        .map()))
            .map();
    Files.writeString(Path.of(options.get("--json")), JsonTree.write(report));
  }

  private static Map<String, Object> result(String workload, FloatBuffer features, String fault) {
    String[] size = workload.split("x", -1);
    int frames = Integer.parseInt(size[1]);
    List<Features> clips = new ArrayList<>();
    for (int i = 0; i < Integer.parseInt(size[0]); i++) {
      float[] data = new float[80 * frames];
      features.get(data);
      clips.add(new Features(frames, 80, data));
    }
    long seed = fault.equals("wrong") ? 1 : 0;
    SpeakerModel model = SeededNetwork.ERES2NET_MICRO.build();
    if (seed != 0) {
      model = SpeakerModel.seeded(model.architecture(), seed);
    }
    List<Object> embeddings = new ArrayList<>();
    try (ReferenceEngine engine =
        new ReferenceEngine(model.graph(), model.frontEnd(), Precision.FP32, 1)) {
      for (float[] embedding : engine.embedFeatures(clips)) {
        List<Object> values = new ArrayList<>();
        for (float value : embedding) {
          values.add((double) value);
        }
        embeddings.add(values);
      }
    }
    JsonTree.Fields result =
        JsonTree.fields()
            .put("engine", "example 1.0 cpu")
            .put("device", "example")
            .put("precision", "fp32")
            .put("threads", 1)
            .put("elapsed_seconds", 0.006)
            .put(
                "histogram",
                JsonTree.fields()
                    .put("encoding", "values")
                    .put("unit", "ms")
                    .put("data", List.of(1.0, 2.0, 3.0))
                    .map());
    return (fault.equals("empty") ? result : result.put("embeddings", embeddings)).map();
  }
}
