package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.KernelLibrary;
import io.voiceprint.cuda.MathMode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The launch classes of all kernel families, for activations of one format. */
final class KernelSet {
  /** Dynamic shared memory that a kernel may have without asking. */
  private static final int FREE_SHARED_BYTES = 48 * 1024;

  /** The sources that the engine takes device code from, each with a kernel of it. */
  static final Map<String, String> ENTRY_POINTS =
      Map.ofEntries(
          Map.entry("aff", "aff_f16"),
          Map.entry("aff_mma", "aff_mma_f16"),
          Map.entry("attentive_pool", "attentive_hidden"),
          Map.entry("cmn", "cmn"),
          Map.entry("context_gate", "context_gates"),
          Map.entry("conv_mma", "conv_mma_32x32_f16"),
          Map.entry("conv_mma_persistent", "conv_mma_persistent_64x32_f16"),
          Map.entry("conv_simt", "conv_simt_64x32_f16"),
          Map.entry("downsample_aff_mma", "downsample_aff_mma_f16"),
          Map.entry("downsample_aff_simt", "downsample_aff_simt_f32"),
          Map.entry("epilogue", "epilogue_f16"),
          Map.entry("fbank", "fbank_f32"),
          Map.entry("flatten", "flatten_f16"),
          Map.entry("linear", "linear_f16"),
          Map.entry("pcm", "widen_s16"),
          Map.entry("res_block_mma", "res_block_mma_f16"),
          Map.entry("res_block_simt", "res_block_simt_f32"),
          Map.entry("stats_pool", "stats_pool_f16"),
          Map.entry("stem_conv", "stem_conv_f16"));

  private final KernelLibrary library;
  private final MathMode mode;
  private final CudaDevice device;
  private final Map<String, Integer> allowed = new HashMap<>();

  final PcmKernel pcm;
  final FbankKernel fbank;
  final CmnKernel cmn;
  final StemConvKernel stemConv;
  final ConvKernel conv;
  final RowProducts products;
  final ResBlockKernel resBlock;
  final EpilogueKernel epilogue;
  final AffKernel aff;
  final AffMmaKernel affMma;
  final DownsampleAffKernel downsampleAff;
  final StatsPoolKernel statsPool;
  final AttentivePoolKernel attentivePool;
  final LinearKernel linear;
  final FlattenKernel flatten;
  final ContextGateKernel contextGate;

  KernelSet(KernelLibrary library, MathMode mode, CudaDevice device) {
    this.library = library;
    this.mode = mode;
    this.device = device;
    this.pcm = new PcmKernel(this);
    this.fbank = new FbankKernel(this);
    this.cmn = new CmnKernel(this);
    this.stemConv = new StemConvKernel(this);
    this.conv = new ConvKernel(this);
    this.products = new RowProducts(this);
    this.resBlock = new ResBlockKernel(this);
    this.epilogue = new EpilogueKernel(this);
    this.aff = new AffKernel(this);
    this.affMma = new AffMmaKernel(this);
    this.downsampleAff = new DownsampleAffKernel(this);
    this.statsPool = new StatsPoolKernel(this);
    this.attentivePool = new AttentivePoolKernel(this);
    this.linear = new LinearKernel(this);
    this.flatten = new FlattenKernel(this);
    this.contextGate = new ContextGateKernel(this);
  }

  MathMode mode() {
    return mode;
  }

  CudaDevice device() {
    return device;
  }

  Kernel kernel(String family, String entryPoint) {
    return library.kernel(family, entryPoint);
  }

  /** The entry point for the format in which activations are stored. */
  Kernel kernelOfFormat(String family, String entryPoint) {
    return kernel(family, entryPoint + (mode == MathMode.FP16 ? "_f16" : "_f32"));
  }

  /**
   * Allows a kernel as much dynamic shared memory as a launch needs.
   *
   * @param what the launch, for messages
   */
  synchronized void allowShared(Kernel kernel, int bytes, String what) {
    if (bytes <= FREE_SHARED_BYTES || allowed.getOrDefault(kernel.toString(), 0) >= bytes) {
      return;
    }
    if (bytes > device.maxSharedBytesPerBlock()) {
      throw new IllegalArgumentException(
          "%s: %s needs %d bytes of shared memory but a block on this device has at most %d"
              .formatted(what, kernel, bytes, device.maxSharedBytesPerBlock()));
    }
    kernel.allowSharedBytes(bytes);
    allowed.put(kernel.toString(), bytes);
  }

  /** Why a block cannot have as much shared memory on this device; empty if it can. */
  Optional<String> sharedObstacle(int bytes) {
    int most = device.maxSharedBytesPerBlock();
    return bytes <= most
        ? Optional.empty()
        : Optional.of(
            "a block needs %d bytes of shared memory, this device gives %d".formatted(bytes, most));
  }

  static int ceilDiv(long a, int b) {
    return Math.toIntExact((a + b - 1) / b);
  }
}
