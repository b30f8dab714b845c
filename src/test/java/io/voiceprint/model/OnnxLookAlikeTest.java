package io.voiceprint.model;

import static io.voiceprint.model.SameGraph.assertSameGraph;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.checkpoint.onnx.OnnxProto.GraphProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.ModelProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.NodeProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Graphs that are nearly a network that is known. */
class OnnxLookAlikeTest {
  @TempDir Path folder;

  @Test
  void aLookAlikeIsRefusedNamingTheNode() throws Exception {
    refused("clips to [0.0, 6.0], expected [0.0, 20.0]", this::clipAtSix);
    refused("Sigmoid \"v", onnx -> OnnxExport.first(onnx, "Tanh").setOpType("Sigmoid"));
    refused("Tanh (gate of the fusion)", onnx -> OnnxExport.first(onnx, "Tanh").setOpType("Relu"));
    refused("Sigmoid (SiLU", onnx -> OnnxExport.first(onnx, "Sigmoid").setOpType("Softplus"));
    refused("Clip, end of a residual block", this::withoutStemActivation);
    refused("has group=2.0, expected 1.0", onnx -> attribute(onnx, "Conv", "group", 2));
    refused("expected [1.0, 1.0", onnx -> attribute(onnx, "Conv", "pads", 0, 0, 0, 0));
    refused("axes", onnx -> attribute(onnx, "Unsqueeze", "axes", 2));
    refused(
        "Softsign \"a?b\"",
        onnx -> OnnxExport.first(onnx, "Tanh").setOpType("Softsign").setName("a\nb"));
    refused("perm", onnx -> attribute(onnx, "Transpose", "perm", 0, 1, 2));
    refused("keepdims", onnx -> attribute(onnx, "ReduceMean", "keepdims", 1));
    refused("splits into", onnx -> attribute(onnx, "Split", "split", 1, 5));
    refused("other.domain::Relu", onnx -> OnnxExport.first(onnx, "Relu").setDomain("other.domain"));
    refused("expected one of features", onnx -> onnx.getGraphBuilder().addOutputBuilder());
    refused(
        "(utterances, frames, 80)",
        onnx ->
            onnx.getGraphBuilder()
                .getInputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .getShapeBuilder()
                .getDimBuilder(2)
                .setDimValue(72));
  }

  /** An empty name is no value: it has no producer, and any number of nodes may "compute" it. */
  @Test
  void whatANodeLeavesOutIsNoValue() throws Exception {
    ModelProto.Builder onnx = TinyExport.onnx();
    OnnxExport.first(onnx, "Relu").addOutput("");
    OnnxExport.first(onnx, "Tanh").addOutput("");
    assertSameGraph(
        TinyExport.model().graph(),
        SpeakerModel.load(TinyExport.write(folder, onnx), null).graph(),
        0);
    refused(
        "input \"\" stands where Gemm",
        of -> {
          GraphProto.Builder graph = of.getGraphBuilder();
          NodeProto.Builder identity = NodeProto.newBuilder().setOpType("Identity").addInput("");
          graph.addNode(identity.clone().addOutput("")).addNode(identity.addOutput("out"));
          graph.getOutputBuilder(0).setName("out");
        });
  }

  private void clipAtSix(ModelProto.Builder onnx) {
    String bound = OnnxExport.first(onnx, "Clip").getInput(2);
    for (NodeProto.Builder node : onnx.getGraphBuilder().getNodeBuilderList()) {
      if (node.getOutput(0).equals(bound)) {
        node.getAttributeBuilder(0).getTBuilder().setFloatData(0, 6);
      }
    }
  }

  /** Leaves a node out: what read its output reads its input. */
  private void withoutStemActivation(ModelProto.Builder onnx) {
    NodeProto.Builder relu = OnnxExport.first(onnx, "Relu");
    String output = relu.getOutput(0);
    String input = relu.getInput(0);
    onnx.getGraphBuilder().removeNode(TinyExport.indexOf(onnx, "Relu"));
    for (NodeProto.Builder node : onnx.getGraphBuilder().getNodeBuilderList()) {
      for (int i = 0; i < node.getInputCount(); i++) {
        if (node.getInput(i).equals(output)) {
          node.setInput(i, input);
        }
      }
    }
  }

  private static void attribute(ModelProto.Builder onnx, String op, String name, long... values) {
    NodeProto.Builder node = OnnxExport.first(onnx, op);
    for (int i = 0; i < node.getAttributeCount(); i++) {
      if (node.getAttribute(i).getName().equals(name)) {
        node.setAttribute(i, OnnxExport.integers(name, values));
      }
    }
  }

  private void refused(String reason, Consumer<ModelProto.Builder> change) throws IOException {
    ModelProto.Builder onnx = TinyExport.onnx();
    change.accept(onnx);
    Path file = TinyExport.write(folder, onnx);
    var thrown = assertThrows(ModelException.class, () -> SpeakerModel.load(file, null), reason);
    assertTrue(thrown.getMessage().contains(reason), thrown.getMessage());
    assertTrue(thrown.getMessage().startsWith(file.toString()), thrown.getMessage());
    assertEquals(1, thrown.getMessage().lines().count());
  }
}
