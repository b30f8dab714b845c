package io.voiceprint.engine.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;

import io.voiceprint.graph.Activation;
import io.voiceprint.graph.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.scratchpad_mode;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;

/** What a primitive does to each element before it stores it, in order. */
final class PostOps {
  static final float CLIP = 20f;

  private final post_ops ops = new post_ops();
  private final Map<Integer, Region> operands = new LinkedHashMap<>();
  private final Map<Integer, PerChannel> constants = new LinkedHashMap<>();

  /** Adds what the output held before. */
  PostOps sum() {
    ops.append_sum();
    return this;
  }

  PostOps add(Region operand) {
    return binary(algorithm.binary_add, operand);
  }

  PostOps multiply(Region operand) {
    return binary(algorithm.binary_mul, operand);
  }

  private PostOps binary(algorithm function, Region operand) {
    int argument = DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE * (ops.len() + 1) | DNNL_ARG_SRC_1;
    operands.put(argument, operand);
    ops.append_binary(function, operand.desc());
    return this;
  }

  /**
   * Multiplies each channel by a constant.
   *
   * @param key under which it is kept
   * @param factors one per physical channel
   */
  PostOps scale(String key, Tensor factors) {
    return constant(algorithm.binary_mul, key, factors);
  }

  /** Adds a constant to each channel; as {@link #scale}. */
  PostOps shift(String key, Tensor terms) {
    return constant(algorithm.binary_add, key, terms);
  }

  private PostOps constant(algorithm function, String key, Tensor values) {
    PerChannel constant = new PerChannel(key, values);
    int argument = DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE * (ops.len() + 1) | DNNL_ARG_SRC_1;
    constants.put(argument, constant);
    ops.append_binary(function, constant.desc());
    return this;
  }

  PostOps activation(Activation activation) {
    switch (activation) {
      case NONE -> {}
      case RELU -> ops.append_eltwise(algorithm.eltwise_relu, 0f, 0f);
      case RELU20 -> ops.append_eltwise(algorithm.eltwise_clip, 0f, CLIP);
    }
    return this;
  }

  PostOps silu() {
    ops.append_eltwise(algorithm.eltwise_swish, 1f, 0f);
    return this;
  }

  PostOps tanh() {
    ops.append_eltwise(algorithm.eltwise_tanh, 0f, 0f);
    return this;
  }

  /** As an attribute of a primitive whose scratchpad the caller provides. */
  primitive_attr attribute() {
    primitive_attr attribute = new primitive_attr();
    attribute.set_post_ops(ops);
    attribute.set_scratchpad_mode(scratchpad_mode.user);
    return attribute;
  }

  /** The second operands, by the argument index under which a primitive expects them. */
  Map<Integer, Region> operands() {
    return operands;
  }

  /** Those of them that are constants. */
  Map<Integer, PerChannel> constants() {
    return constants;
  }
}
