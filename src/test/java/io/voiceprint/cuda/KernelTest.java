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
 * Launches of {@code pcm_to_float} of {@code kernels/pcm.cu}, which turns 16-bit samples into
 * floats.
 */
@Tag("gpu")
class KernelTest {
  private static final int BLOCK = 256;

  private CudaContext context;
  private CudaStream stream;
  private Kernel kernel;

  @BeforeEach
  void open() {
    context = TestDevice.open();
    stream = new CudaStream(context, "test");
    kernel = new KernelLibrary(context).kernel("pcm", "pcm_to_float");
  }

  @AfterEach
  void close() {
    if (context != null) {
      context.close();
    }
  }

  /** One clip of 16-bit samples on the device, and where its floats go. */
  private final class Clip {
    final int samples;
    final DeviceMemory table;
    final DeviceMemory raw;
    final DeviceMemory wave;

    Clip(int samples) {
      this.samples = samples;
      ByteBuffer entry = TestDevice.buffer(48);
      entry.putInt(8, samples).putInt(20, samples).putInt(24, 1).putInt(28, 1);
      table = memory("table", entry);
      ByteBuffer pcm = TestDevice.buffer(2 * samples);
      for (int i = 0; i < samples; i++) {
        pcm.putShort(2 * i, (short) (31 * i));
      }
      raw = memory("raw", pcm);
      wave = memory("wave", TestDevice.buffer(4 * samples));
    }

    LaunchShape shape() {
      return LaunchShape.linear((samples - 1) / BLOCK + 1, BLOCK, 0);
    }

    Kernel.Arguments arguments() {
      return new Kernel.Arguments()
          .address(table.address())
          .address(raw.address())
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
          "kernel=pcm_to_float",
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
    kernel.launch(stream, LaunchShape.linear(1, 32, most), clip.arguments());
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
            CudaException.class, () -> context.loadModule("noise", new byte[] {1, 2, 3, 4, 5}));
    assertTrue(image.getMessage().contains("module 'noise', image of 5 bytes"), image.getMessage());
  }

  @Test
  void attributesAreThoseOfTheCompiler() {
    assertTrue(kernel.maxBlockThreads() >= BLOCK);
    assertTrue(kernel.registers() > 0);
  }

  @Test
  void aKernelOfAClosedModuleIsRefused() {
    CudaModule module = new KernelLibrary(context).module("pcm");
    Kernel orphan = module.kernel("pcm_to_float");
    Clip clip = new Clip(1);
    module.close();
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () -> orphan.launch(stream, clip.shape(), clip.arguments()));
    assertTrue(e.getMessage().startsWith("module 'pcm"), e.getMessage());
  }
}
