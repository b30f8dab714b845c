package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Launches of {@code resample_polyphase} of {@code kernels/pcm.cu}, with a filter of one tap that
 * copies.
 */
@Tag("gpu")
class KernelTest {
  private static final int WARPS = 8;

  private CudaContext context;
  private CudaStream stream;
  private Kernel kernel;

  @BeforeEach
  void open() {
    context = TestDevice.open();
    stream = new CudaStream(context, "test");
    kernel = new KernelLibrary(context).kernel("pcm", "resample_polyphase");
  }

  @AfterEach
  void close() {
    if (context != null) {
      context.close();
    }
  }

  /** One clip of samples on the device, and where their copies go. */
  private final class Clip {
    final int samples;
    final DeviceMemory table;
    final DeviceMemory raw;
    final DeviceMemory taps;
    final DeviceMemory wave;

    Clip(int samples) {
      this.samples = samples;
      ByteBuffer entry = TestDevice.buffer(36);
      entry.putInt(4, samples).putInt(12, samples).putInt(16, 1).putInt(20, 1).putInt(24, 1);
      table = memory("table", entry);
      raw = TestDevice.upload(context, "raw", expected());
      taps = TestDevice.upload(context, "taps", 1);
      wave = memory("wave", TestDevice.buffer(4 * samples));
    }

    LaunchShape shape() {
      return new LaunchShape((samples - 1) / WARPS + 1, 1, 1, 32, WARPS, 1, 0);
    }

    Kernel.Arguments arguments() {
      return new Kernel.Arguments()
          .address(table.address())
          .int32(1)
          .address(raw.address())
          .address(taps.address())
          .address(wave.address());
    }

    float[] expected() {
      float[] values = new float[samples];
      for (int i = 0; i < samples; i++) {
        values[i] = (short) (31 * i) / 32768f;
      }
      return values;
    }
  }

  private DeviceMemory memory(String what, ByteBuffer content) {
    DeviceMemory memory = new DeviceMemory(context, what, content.capacity());
    memory.write(content.clear());
    return memory;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 31, 32, 33, 127, 1021})
  void computes(int samples) {
    Clip clip = new Clip(samples);
    kernel.launch(stream, clip.shape(), clip.arguments());
    stream.synchronize();
    assertArrayEquals(clip.expected(), TestDevice.download(clip.wave));
  }

  @Test
  void argumentsServeManyLaunchesAndAreFrozenByTheFirst() {
    Clip clip = new Clip(33);
    Kernel.Arguments arguments = clip.arguments();
    for (int i = 0; i < 3; i++) {
      clip.wave.write(TestDevice.buffer(4 * 33));
      kernel.launch(stream, clip.shape(), arguments);
      stream.synchronize();
      assertArrayEquals(clip.expected(), TestDevice.download(clip.wave));
    }
    assertThrows(IllegalStateException.class, () -> arguments.int32(1));
  }

  @Test
  void tooMuchSharedMemoryIsRefusedWithEverythingThatWasAsked() {
    Clip clip = new Clip(33);
    LaunchShape greedy = LaunchShape.linear(1, 64, 1 << 20);
    CudaException e =
        assertThrows(CudaException.class, () -> kernel.launch(stream, greedy, clip.arguments()));
    assertEquals(CudaException.Kind.LAUNCH_FAILURE, e.kind());
    for (String part :
        new String[] {
          "cuLaunchKernel returned CUDA_ERROR_INVALID_VALUE (1",
          "kernel=resample_polyphase",
          "grid=(1, 1, 1), block=(64, 1, 1), sharedBytes=1048576",
          "arguments=(0x" + Long.toHexString(clip.table.address()),
          "stream 'test'",
          context.device().toString()
        }) {
      assertTrue(e.getMessage().contains(part), part + " is not in: " + e.getMessage());
    }
    assertFalse(context.isLost());
    kernel.launch(stream, clip.shape(), clip.arguments());
    stream.synchronize();
    assertArrayEquals(clip.expected(), TestDevice.download(clip.wave));
    String told = e.at("layer1, input=(C=64, F=40, T=312)").getMessage();
    assertEquals("layer1, input=(C=64, F=40, T=312): " + e.getMessage(), told);
  }

  @Test
  void moreSharedMemoryHasToBeAllowed() {
    Clip clip = new Clip(3);
    int most = context.device().maxSharedBytesPerBlock();
    kernel.allowSharedBytes(most);
    kernel.launch(stream, new LaunchShape(3, 1, 1, 32, 1, 1, most), clip.arguments());
    stream.synchronize();
    assertArrayEquals(clip.expected(), TestDevice.download(clip.wave));
    CudaException e = assertThrows(CudaException.class, () -> kernel.allowSharedBytes(most + 1024));
    assertTrue(e.getMessage().contains("sharedBytes=" + (most + 1024)), e.getMessage());
  }

  @Test
  void unknownEntryPointsAndImagesAreNamed() {
    KernelLibrary kernels = new KernelLibrary(context);
    CudaException e =
        assertThrows(CudaException.class, () -> kernels.kernel("pcm", "no_such_kernel"));
    assertEquals("cuModuleGetFunction", e.call());
    assertTrue(e.getMessage().contains("entry point=no_such_kernel"), e.getMessage());
    CudaException image =
        assertThrows(
            CudaException.class, () -> context.loadModule("noise", new byte[] {1, 2, 3, 4, 0}));
    assertTrue(image.getMessage().contains("module 'noise', image of 5 bytes"), image.getMessage());
  }

  @Test
  void attributesAreThoseOfTheCompiler() {
    assertTrue(kernel.maxBlockThreads() >= 32 * WARPS);
    assertTrue(kernel.registers() > 0);
  }

  @Test
  void aKernelOfAClosedModuleIsRefused() {
    CudaModule module = new KernelLibrary(context).module("pcm");
    Kernel orphan = module.kernel("resample_polyphase");
    Clip clip = new Clip(1);
    module.close();
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () -> orphan.launch(stream, clip.shape(), clip.arguments()));
    assertTrue(e.getMessage().startsWith("module 'pcm"), e.getMessage());
  }
}
