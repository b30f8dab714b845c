package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Node;
import java.util.List;
import java.util.function.Function;

/** The constants of a {@link ResidualBlock}, those of like nodes one behind the other. */
final class BlockWeights {
  private final KernelSet kernels;
  private final ValueStorage storage;
  private final WeightStore store;
  private final String name;
  private final WeightStore.Slot reduce;
  private final WeightStore.Slot chain;
  private final WeightStore.Slot squeeze; // null if there is no gate
  private final WeightStore.Slot widen;
  private final WeightStore.Slot expand;
  private final WeightStore.Slot project; // null if the input itself is the shortcut
  private final WeightStore.Slot reduceBias;
  private final WeightStore.Slot chainBias;
  private final WeightStore.Slot squeezeBias;
  private final WeightStore.Slot widenBias;
  private final WeightStore.Slot expandBias;
  private final WeightStore.Slot projectBias;

  BlockWeights(ResidualBlock block, KernelSet kernels, ValueStorage storage, WeightStore store) {
    this.kernels = kernels;
    this.storage = storage;
    this.store = store;
    this.name = block.expand().name();
    List<Node.Conv2d> project = block.project() == null ? List.of() : List.of(block.project());
    this.reduce = operands(List.of(block.reduce()), this::matrix);
    this.chain = operands(block.chain(), this::matrix);
    this.squeeze = operands(block.gates(), gate -> gate(gate).squeeze());
    this.widen = operands(block.gates(), gate -> gate(gate).expand());
    this.expand = operands(List.of(block.expand()), this::matrix);
    this.project = operands(project, this::matrix);
    this.reduceBias = floats(List.of(block.reduce()), this::bias);
    this.chainBias = floats(block.chain(), this::bias);
    this.squeezeBias = floats(block.gates(), gate -> gate(gate).squeezeBias());
    this.widenBias = floats(block.gates(), gate -> gate(gate).expandBias());
    this.expandBias = floats(List.of(block.expand()), this::bias);
    this.projectBias = floats(project, this::bias);
  }

  private float[] matrix(Node.Conv2d conv) {
    ChannelLayout out = storage.layout(conv.output());
    return kernels.products.packed(
        WeightPacking.innerMajor(conv.weight(), storage.layout(conv.input()), out), out.width());
  }

  private float[] bias(Node.Conv2d conv) {
    return WeightPacking.vector(conv.bias(), storage.layout(conv.output()));
  }

  private GateWeights gate(Node.AttentionalFusion gate) {
    return kernels.products.gate(gate, storage.layout(gate.output()));
  }

  private <N> WeightStore.Slot operands(List<N> nodes, Function<N, float[]> constants) {
    return nodes.isEmpty() ? null : store.operands(name, joined(nodes, constants), kernels.mode());
  }

  private <N> WeightStore.Slot floats(List<N> nodes, Function<N, float[]> constants) {
    return nodes.isEmpty() ? null : store.floats(joined(nodes, constants));
  }

  private static <N> float[] joined(List<N> nodes, Function<N, float[]> constants) {
    float[] all = new float[0];
    for (int i = 0; i < nodes.size(); i++) {
      float[] one = constants.apply(nodes.get(i));
      if (i == 0) {
        all = new float[nodes.size() * one.length];
      }
      System.arraycopy(one, 0, all, i * one.length, one.length);
    }
    return all;
  }

  /** Where they lie; known once they were uploaded. */
  ResBlockKernel.Weights addresses() {
    return new ResBlockKernel.Weights(
        reduce.address(),
        chain.address(),
        address(squeeze),
        address(widen),
        expand.address(),
        address(project),
        reduceBias.address(),
        chainBias.address(),
        address(squeezeBias),
        address(widenBias),
        expandBias.address(),
        address(projectBias));
  }

  private static long address(WeightStore.Slot slot) {
    return slot == null ? 0 : slot.address();
  }
}
