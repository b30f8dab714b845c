package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.cuda.CudaException.Kind;
import io.voiceprint.simcuda.SimCuda;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What happens when the device fails, on the software device, which fails when it is told to. */
class FaultTest {
  private static final int OUT_OF_MEMORY = 2;
  private static final int ILLEGAL_ADDRESS = 700;
  private static final int LAUNCH_FAILED = 719;

  private List<Long> before;

  @BeforeEach
  void start() {
    SimCuda.require();
    SimCuda.reset();
    before = live();
  }

  @AfterEach
  void nothingIsLeft() {
    if (before != null) {
      SimCuda.reset();
      assertEquals(before, live(), SimCuda.KINDS::toString);
    }
  }

  private static List<Long> live() {
    return SimCuda.KINDS.stream().map(SimCuda::live).toList();
  }

  /** One way to open each kind of resource, by name. */
  private static Function<CudaContext, CudaResource> opener(String what) {
    return switch (what) {
      case "memory" -> context -> new DeviceMemory(context, "m", 127);
      case "pinned" -> context -> new PinnedBuffer(context, "p", 127);
      case "arena" ->
          context -> {
            DeviceArena arena = new DeviceArena(context, "a", 1 << 22);
            arena.ensure(1);
            return arena;
          };
      case "stream" -> context -> new CudaStream(context, "s");
      case "event" -> context -> new CudaEvent(context, "e");
      case "module" -> context -> new KernelLibrary(context).module("pcm");
      case "graph" ->
          context -> {
            CudaStream stream = new CudaStream(context, "s");
            DeviceMemory memory = new DeviceMemory(context, "m", 8);
            return CudaGraph.capture(stream, "g", () -> stream.zero(memory.address(), 8));
          };
      case "cublas" -> context -> new CublasGemm(new CudaStream(context, "s"));
      case "cudnn" -> context -> new CudnnHandle(new CudaStream(context, "s"));
      case "convolution" ->
          context ->
              new CudnnConvolution(
                  new CudnnHandle(new CudaStream(context, "s")),
                  MathMode.FP32,
                  new CudnnConvolution.Shape(3, 5, 8, 8, 3, 3, 1, 1, 1, 1));
      case "product" ->
          context -> {
            CudaStream stream = new CudaStream(context, "s");
            CublasGemm gemm = new CublasGemm(stream);
            multiply(
                gemm, new DeviceMemory(context, "m", CublasGemm.WORKSPACE_BYTES + 256).address());
            stream.synchronize();
            return gemm;
          };
      case "fft" -> context -> new CufftPlan(new CudaStream(context, "s"), 512, 3);
      case "transform" ->
          context -> {
            CudaStream stream = new CudaStream(context, "s");
            CufftPlan plan = new CufftPlan(stream, 2, 1);
            long memory = new DeviceMemory(context, "m", 512 + plan.workBytes()).address();
            plan.run(memory, memory + 256, memory + 512);
            stream.synchronize();
            return plan;
          };
      default -> throw new IllegalArgumentException(what);
    };
  }

  /** 1 by 1, with all operands at the start and the workspace behind them. */
  private static void multiply(CublasGemm gemm, long memory) {
    gemm.run(
        MathMode.FP32,
        CublasGemm.Shape.packed(1, 1, 1),
        memory,
        memory,
        memory + 128,
        memory + 256);
  }

  @ParameterizedTest
  @CsvSource({
    "memory, cuMemAlloc_v2",
    "pinned, cuMemHostAlloc",
    "arena, cuMemGetAllocationGranularity",
    "arena, cuMemAddressReserve",
    "arena, cuMemCreate",
    "arena, cuMemMap",
    "arena, cuMemSetAccess",
    "stream, cuStreamCreate",
    "event, cuEventCreate",
    "module, cuModuleLoadData",
    "graph, cuStreamBeginCapture_v2",
    "graph, cuMemsetD8Async",
    "graph, cuStreamEndCapture",
    "graph, cuGraphGetNodes",
    "graph, cuGraphInstantiateWithFlags",
    "cublas, cublasCreate_v2",
    "cublas, cublasSetStream_v2",
    "product, cublasSetWorkspace_v2",
    "product, cublasGemmEx",
    "cudnn, cudnnCreate",
    "cudnn, cudnnSetStream",
    "convolution, cudnnCreateTensorDescriptor",
    "convolution, cudnnCreateFilterDescriptor",
    "convolution, cudnnCreateConvolutionDescriptor",
    "convolution, cudnnSetTensor4dDescriptor",
    "convolution, cudnnSetFilter4dDescriptor",
    "convolution, cudnnSetConvolution2dDescriptor",
    "convolution, cudnnSetConvolutionMathType",
    "fft, cufftCreate",
    "fft, cufftMakePlanMany",
    "fft, cufftSetStream",
    "fft, cufftSetAutoAllocation",
    "transform, cufftSetWorkArea",
    "transform, cufftExecR2C"
  })
  void aFailedCallIsNamedHarmsNothingAndLeavesNothingBehind(String what, String call) {
    Function<CudaContext, CudaResource> opener = opener(what);
    try (CudaContext context = TestDevice.open()) {
      // Whatever else a driver says of a module means that it does not fit, and it is compiled
      // anew.
      SimCuda.fail(call, 1, call.equals("cuModuleLoadData") ? OUT_OF_MEMORY : 0);
      CudaException e = assertThrows(CudaException.class, () -> opener.apply(context));
      assertTrue(call.startsWith(e.call()), e.call() + " instead of " + call);
      assertTrue(e.getMessage().startsWith(e.call() + " returned "), e.getMessage());
      assertTrue(e.status() != 0, e.getMessage());
      assertFalse(context.isLost(), e.getMessage());
      opener.apply(context).close();
    }
  }

  /**
   * JCuda's object of a descriptor that could not be created holds an address of something else.
   */
  @ParameterizedTest
  @CsvSource({
    "cudnnCreateTensorDescriptor, 1, 0, 0, 0",
    "cudnnCreateTensorDescriptor, 2, 1, 0, 0",
    "cudnnCreateFilterDescriptor, 1, 2, 0, 0",
    "cudnnCreateConvolutionDescriptor, 1, 2, 1, 0",
    "cudnnSetConvolutionMathType, 1, 2, 1, 1"
  })
  void onlyDescriptorsThatWereCreatedAreDestroyed(
      String call, int nth, int tensors, int filters, int convolutions) {
    Function<CudaContext, CudaResource> opener = opener("convolution");
    try (CudaContext context = TestDevice.open()) {
      SimCuda.fail(call, nth, 0);
      assertThrows(CudaException.class, () -> opener.apply(context));
      assertEquals(tensors, SimCuda.calls("cudnnDestroyTensorDescriptor"));
      assertEquals(filters, SimCuda.calls("cudnnDestroyFilterDescriptor"));
      assertEquals(convolutions, SimCuda.calls("cudnnDestroyConvolutionDescriptor"));
    }
  }

  @Test
  void whatCannotBeGivenBackAtOnceStaysWithTheContext() {
    try (CudaContext context = TestDevice.open()) {
      CudaResource convolution = opener("convolution").apply(context);
      SimCuda.fail("cuCtxSetCurrent", 1, OUT_OF_MEMORY);
      assertThrows(CudaException.class, convolution::close);
      assertEquals(4, SimCuda.live("cudnn descriptor"));
    }
    assertEquals(0, SimCuda.live("cudnn descriptor"));
  }

  /** The device may be at work in it: the software device computes when it must. */
  @Test
  void lentMemoryIsNotFreedBeforeItsWorkIsDone() {
    try (CudaContext context = TestDevice.open()) {
      CudaStream stream = new CudaStream(context, "s");
      SimCuda.fail("cuStreamSynchronize", 1, OUT_OF_MEMORY);
      assertThrows(
          CudaException.class,
          () -> DeviceMemory.lend(stream, 256, address -> stream.zero(address, 256)));
      assertTrue(SimCuda.liveBytes() >= 256);
      stream.synchronize();
      long before = SimCuda.liveBytes();
      DeviceMemory.lend(stream, 256, address -> stream.zero(address, 256));
      assertEquals(before, SimCuda.liveBytes());
    }
    assertEquals(0, SimCuda.liveBytes());
  }

  @Test
  void aFaultOfTheDeviceLosesTheContextAndANewOneWorks() {
    CudaContext context = TestDevice.open();
    CudaStream stream = new CudaStream(context, "s");
    DeviceMemory memory = new DeviceMemory(context, "m", 127);
    DeviceArena arena = new DeviceArena(context, "a", 1 << 22);
    arena.ensure(1);
    CudaGraph graph = CudaGraph.capture(stream, "g", () -> stream.zero(memory.address(), 8));
    SimCuda.loseDevice();
    for (CudaException e :
        List.of(
            assertThrows(CudaException.class, stream::synchronize),
            assertThrows(CudaException.class, () -> graph.launch(stream)),
            assertThrows(CudaException.class, () -> new DeviceMemory(context, "n", 1)))) {
      assertEquals(Kind.LOST_CONTEXT, e.kind(), e.getMessage());
    }
    assertTrue(context.isLost());
    context.close();
    context.close();
    assertTrue(memory.isClosed());
    try (CudaContext again = TestDevice.open();
        DeviceMemory fresh = new DeviceMemory(again, "m", 33)) {
      fresh.write(TestDevice.randomBytes(33, 1));
      assertFalse(again.isLost());
    }
  }

  @Test
  void whatALibraryCallsAFailureIsRecognisedAsALostContext() {
    CudaContext context = TestDevice.open();
    CudaStream stream = new CudaStream(context, "s");
    DeviceMemory memory = new DeviceMemory(context, "m", CublasGemm.WORKSPACE_BYTES + 256);
    CublasGemm gemm = new CublasGemm(stream);
    SimCuda.fail("cublasGemmEx", 1, 13);
    SimCuda.fail("cuCtxSynchronize", 1, ILLEGAL_ADDRESS);
    CudaException e = assertThrows(CudaException.class, () -> multiply(gemm, memory.address()));
    assertEquals(Kind.LOST_CONTEXT, e.kind());
    assertTrue(
        e.getMessage().contains("cublasGemmEx returned CUBLAS_STATUS_EXECUTION_FAILED (13"),
        e.getMessage());
    assertTrue(e.getMessage().endsWith(", and the context is lost"), e.getMessage());
    assertTrue(context.isLost());
    context.close();
  }

  @Test
  void aLibraryThatIsOpenedOnALostDeviceSaysThatItIsLost() {
    CudaContext context = TestDevice.open();
    CudaStream stream = new CudaStream(context, "s");
    int notInitialised = 1;
    SimCuda.fail("cudnnCreate", 1, notInitialised);
    SimCuda.fail("cuCtxSynchronize", 1, ILLEGAL_ADDRESS);
    CudaException e = assertThrows(CudaException.class, () -> new CudnnHandle(stream));
    assertEquals(Kind.LOST_CONTEXT, e.kind(), e.getMessage());
    assertTrue(context.isLost());
    context.close();
  }

  /** The library says so in words of its own, and whatever follows finds the device lost. */
  @ParameterizedTest
  @CsvSource({
    "cublas, cublasCreate_v2",
    "cublas, cublasSetStream_v2",
    "cudnn, cudnnCreate",
    "convolution, cudnnSetConvolutionMathType",
    "fft, cufftMakePlanMany"
  })
  void aDeviceThatIsLostInALibraryIsRecognisedAsLost(String what, String call) {
    CudaContext context = TestDevice.open();
    Function<CudaContext, CudaResource> opener = opener(what);
    SimCuda.fail(call, 1, LAUNCH_FAILED);
    CudaException e = assertThrows(CudaException.class, () -> opener.apply(context));
    assertTrue(call.startsWith(e.call()), e.call() + " instead of " + call);
    assertTrue(e.status() != LAUNCH_FAILED, e.getMessage());
    assertEquals(Kind.LOST_CONTEXT, e.kind(), e.getMessage());
    assertTrue(context.isLost());
    e = assertThrows(CudaException.class, () -> new DeviceMemory(context, "m", 1));
    assertEquals(LAUNCH_FAILED, e.status(), e.getMessage());
    context.close();
  }

  @Test
  void anUnknownErrorIsALostContextOnlyIfTheDriverSaysSo() {
    CudaContext context = TestDevice.open();
    int unknown = 999;
    SimCuda.fail("cuMemAlloc_v2", 1, unknown);
    CudaException e = assertThrows(CudaException.class, () -> new DeviceMemory(context, "m", 1));
    assertEquals(Kind.OTHER, e.kind());
    SimCuda.fail("cuMemAlloc_v2", 1, unknown);
    SimCuda.fail("cuCtxSynchronize", 1, unknown);
    e = assertThrows(CudaException.class, () -> new DeviceMemory(context, "m", 1));
    assertEquals(Kind.LOST_CONTEXT, e.kind());
    context.close();
  }

  @Test
  void aFailedLaunchFailsAloneAndSaysWhat() {
    try (CudaContext context = TestDevice.open();
        CudaStream stream = new CudaStream(context, "s");
        DeviceMemory memory = new DeviceMemory(context, "m", 8);
        CudaGraph graph = CudaGraph.capture(stream, "g", () -> stream.zero(memory.address(), 8))) {
      SimCuda.fail("cuGraphLaunch", 1, 701);
      CudaException e = assertThrows(CudaException.class, () -> graph.launch(stream));
      assertEquals(Kind.LAUNCH_FAILURE, e.kind());
      assertTrue(e.getMessage().endsWith("graph 'g', nodes=1"), e.getMessage());
      graph.launch(stream);
      stream.synchronize();
      assertEquals(0, TestDevice.download(memory)[0]);
    }
  }

  /** The software device takes for a graph what the device layer reckons with. */
  @Test
  void aGraphTakesDeviceMemoryForEachNodeAndMayFindNone() {
    try (CudaContext context = TestDevice.open();
        CudaStream stream = new CudaStream(context, "s");
        DeviceMemory memory = new DeviceMemory(context, "m", 8)) {
      Runnable two =
          () -> {
            stream.zero(memory.address(), 4);
            stream.zero(memory.address() + 4, 4);
          };
      long without = SimCuda.liveBytes();
      try (CudaGraph graph = CudaGraph.capture(stream, "g", two)) {
        assertEquals(without + CudaGraph.deviceBytes(graph.nodeCount()), SimCuda.liveBytes());
      }
      assertEquals(without, SimCuda.liveBytes());
      SimCuda.fail("cuGraphInstantiate*", 1, 2);
      CudaException e =
          assertThrows(CudaException.class, () -> CudaGraph.capture(stream, "g", two));
      assertEquals(Kind.OUT_OF_MEMORY, e.kind());
      assertEquals(without, SimCuda.liveBytes());
    }
  }

  @Test
  void closingGoesOnAfterAChildThatCannotBeGivenBack() {
    CudaContext context = TestDevice.open();
    new CudaStream(context, "first");
    new CudaStream(context, "second");
    new CudaEvent(context, "e");
    SimCuda.fail("cuStreamDestroy_v2", 1, 400);
    CudaException e = assertThrows(CudaException.class, context::close);
    assertTrue(e.getMessage().contains("stream 'second'"), e.getMessage());
    assertEquals(List.of(), context.leaks());
  }
}
