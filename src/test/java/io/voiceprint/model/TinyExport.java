package io.voiceprint.model;

import io.voiceprint.checkpoint.onnx.OnnxProto.ModelProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.NodeProto;
import io.voiceprint.model.Res2NetArchitecture.Family;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The export of an ERes2Net with one block per stage, to be changed and imported again. */
final class TinyExport {
  private TinyExport() {}

  /** The network. */
  static SpeakerModel model() {
    return SpeakerModel.seeded(
        new Res2NetArchitecture(
            Family.ERES2NET, 80, 4, List.of(1, 1, 1, 1), 32, 2, 2, Pooling.TSTP, 7, false),
        5);
  }

  static ModelProto.Builder onnx() {
    return OnnxExport.of(model().graph());
  }

  static Path write(Path folder, ModelProto.Builder onnx) throws IOException {
    return Files.write(folder.resolve("export.onnx"), onnx.build().toByteArray());
  }

  /** Where the first node of an operator is. */
  static int indexOf(ModelProto.Builder onnx, String op) {
    List<NodeProto> nodes = onnx.getGraph().getNodeList();
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).getOpType().equals(op)) {
        return i;
      }
    }
    throw new AssertionError(op);
  }
}
