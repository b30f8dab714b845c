package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Activation;
import io.voiceprint.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The ways to compute a convolution layer on a device, and which of them is taken: the tuned one,
 * or our own kernel by its best method. The choice depends on the layer alone, never on the row, so
 * that an utterance gets the same bits in any company.
 *
 * <p>Our own kernels are exact: an output is summed in one order whatever the row's size. The
 * libraries promise no such thing; they are taken only where a tuning that allows them says so.
 */
final class ConvImplementations {
  private static final String KERNEL = "kernel-";
  private static final String CUBLAS = "cublas";
  private static final String CUDNN = "cudnn-";

  /** Of cuDNN's algorithms those that sum as the definition does; no transform of the image. */
  private static final List<String> CUDNN_ALGORITHMS =
      List.of("IMPLICIT_PRECOMP_GEMM", "IMPLICIT_GEMM");

  private final KernelSet kernels;
  private final WeightStore weights;
  private final Tuning tuning;

  ConvImplementations(KernelSet kernels, WeightStore weights, Tuning tuning) {
    this.kernels = kernels;
    this.weights = weights;
    this.tuning = tuning;
  }

  /**
   * Names of what could compute a layer, the usual one first.
   *
   * @param libraries whether those of the libraries are wanted too
   */
  List<String> candidates(ConvLayer layer, boolean libraries) {
    List<String> names = new ArrayList<>();
    for (ConvKernel.Method method : kernels.conv.methods(layer)) {
      names.add(nameOf(method));
    }
    if (libraries) {
      if (CublasConvolution.supports(layer)) {
        names.add(CUBLAS);
      }
      if (CudnnLayer.supports(layer)) {
        CUDNN_ALGORITHMS.forEach(algorithm -> names.add(CUDNN + algorithm));
      }
    }
    return names;
  }

  /** Why others cannot compute a layer on this device, by their names. */
  Map<String, String> obstacles(ConvLayer layer, boolean libraries) {
    Map<String, String> obstacles = new TreeMap<>();
    for (ConvKernel.Method method : ConvKernel.methods(kernels.mode())) {
      kernels.conv.obstacle(method, layer).ifPresent(why -> obstacles.put(nameOf(method), why));
    }
    if (libraries && !CublasConvolution.supports(layer)) {
      obstacles.put(CUBLAS, "multiplies matrices: 1x1 convolutions of stride 1");
    }
    if (libraries && !CudnnLayer.supports(layer)) {
      String why = "taken where kernel and stride are the same along both axes";
      CUDNN_ALGORITHMS.forEach(algorithm -> obstacles.put(CUDNN + algorithm, why));
    }
    return obstacles;
  }

  /** Whether a candidate leaves the product to a library, which stores it before our epilogue. */
  static boolean isLibrary(String candidate) {
    return candidate.equals(CUBLAS) || candidate.startsWith(CUDNN);
  }

  private static String nameOf(ConvKernel.Method method) {
    return KERNEL + method.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Prepares a layer.
   *
   * @param name of the layer, for messages
   * @param weight (O, I, KF, KT)
   * @param bias (O), or {@code null} for zeros
   */
  ConvImplementation create(
      String name,
      ConvLayer layer,
      Tensor weight,
      Tensor bias,
      ChannelLayout in,
      ChannelLayout out,
      Activation activation) {
    String choice =
        tuning.choice(layer.key(kernels.mode())).orElse(nameOf(kernels.conv.methods().get(0)));
    WeightStore.Slot biasSlot =
        weights.floats(bias == null ? new float[out.width()] : WeightPacking.vector(bias, out));
    for (ConvKernel.Method method : kernels.conv.methods(layer)) {
      if (choice.equals(nameOf(method))) {
        return kernel(method, name, layer, weight, biasSlot, in, out, activation);
      }
    }
    WeightStore.Slot outputMajor =
        weights.operands(name, WeightPacking.outputMajor(weight, in, out), kernels.mode());
    if (choice.equals(CUBLAS) && CublasConvolution.supports(layer)) {
      return new CublasConvolution(
          kernels.epilogue, kernels.mode(), layer, activation, outputMajor, biasSlot);
    }
    if (choice.startsWith(CUDNN) && candidates(layer, true).contains(choice)) {
      return new CudnnLayer(
          kernels.epilogue,
          kernels.mode(),
          layer,
          choice.substring(CUDNN.length()),
          activation,
          outputMajor,
          biasSlot,
          kernel(
              kernels.conv.methods(layer).get(0),
              name,
              layer,
              weight,
              biasSlot,
              in,
              out,
              activation));
    }
    throw new UnknownChoiceException(
        name, choice, layer.key(kernels.mode()), candidates(layer, true));
  }

  private KernelConvolution kernel(
      ConvKernel.Method method,
      String name,
      ConvLayer layer,
      Tensor weight,
      WeightStore.Slot bias,
      ChannelLayout in,
      ChannelLayout out,
      Activation activation) {
    return new KernelConvolution(
        kernels.conv,
        method,
        layer,
        activation,
        weights.operands(name, WeightPacking.innerMajor(weight, in, out), kernels.mode()),
        bias);
  }
}
