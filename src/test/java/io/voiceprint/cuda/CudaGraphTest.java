package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("gpu")
class CudaGraphTest {
  private static final int BYTES = 1021;

  private CudaContext context;
  private CudaStream stream;
  private PinnedBuffer in;
  private PinnedBuffer out;
  private DeviceMemory memory;

  @BeforeEach
  void open() {
    context = TestDevice.open();
    stream = new CudaStream(context, "lane");
    in = new PinnedBuffer(context, "in", BYTES);
    out = new PinnedBuffer(context, "out", BYTES);
    memory = new DeviceMemory(context, "m", 2 * BYTES);
  }

  @AfterEach
  void close() {
    if (context != null) {
      context.close();
    }
  }

  /** Up, across the device, and down again. */
  private void roundTrip() {
    roundTrip(stream);
  }

  private void roundTrip(CudaStream queue) {
    queue.upload(memory.address(), in, 0, BYTES);
    queue.copy(memory.address() + BYTES, memory.address(), BYTES);
    queue.download(out, 0, memory.address() + BYTES, BYTES);
  }

  private ByteBuffer replay(CudaGraph graph, ByteBuffer input) {
    in.bytes().put(input.duplicate());
    graph.launch(stream);
    stream.synchronize();
    return out.bytes();
  }

  @Test
  void isRecordedOnceAndReplayedWithNewInput() {
    out.bytes().put(TestDevice.buffer(BYTES));
    in.bytes().put(TestDevice.randomBytes(BYTES, 0));
    try (CudaGraph graph = CudaGraph.capture(stream, "round trip", this::roundTrip)) {
      stream.synchronize();
      assertEquals(TestDevice.buffer(BYTES), out.bytes(), "recording runs nothing");
      assertEquals(3, graph.nodeCount());
      for (int seed = 1; seed <= 5; seed++) {
        ByteBuffer input = TestDevice.randomBytes(BYTES, seed);
        assertEquals(input, replay(graph, input));
      }
    }
  }

  @Test
  void staysValidWhileAnArenaGrows() {
    try (DeviceArena arena = new DeviceArena(context, "lane", 1L << 30)) {
      arena.ensure(2 * BYTES);
      CudaGraph graph =
          CudaGraph.capture(
              stream,
              "in the arena",
              () -> {
                stream.upload(arena.address(), in, 0, BYTES);
                stream.download(out, 0, arena.address(), BYTES);
              });
      for (int seed = 1; seed <= 3; seed++) {
        arena.ensure(arena.mappedBytes() + 1);
        ByteBuffer input = TestDevice.randomBytes(BYTES, seed);
        assertEquals(input, replay(graph, input));
      }
      graph.close();
    }
  }

  @Test
  void aFailureWhileRecordingIsHandedOnAndTheStreamGoesOn() {
    IllegalStateException failure = new IllegalStateException("half way");
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () ->
                CudaGraph.capture(
                    stream,
                    "half",
                    () -> {
                      roundTrip();
                      throw failure;
                    }));
    assertSame(failure, e);
    isRecordedOnceAndReplayedWithNewInput();
  }

  @Test
  void waitingWhileRecordingIsAnErrorAndTheStreamGoesOn() {
    CudaException e =
        assertThrows(
            CudaException.class,
            () ->
                CudaGraph.capture(
                    stream,
                    "waits",
                    () -> {
                      roundTrip();
                      stream.synchronize();
                    }));
    assertEquals("cuStreamSynchronize", e.call());
    assertEquals(CudaException.Kind.OTHER, e.kind());
    assertFalse(context.isLost());
    isRecordedOnceAndReplayedWithNewInput();
  }

  @Test
  void otherThreadsMayAllocateMeanwhile() {
    try (CudaGraph graph =
        CudaGraph.capture(
            stream,
            "beside an allocation",
            () -> {
              roundTrip();
              Thread other = new Thread(() -> new DeviceMemory(context, "other", 127).close());
              other.start();
              try {
                other.join();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            })) {
      ByteBuffer input = TestDevice.randomBytes(BYTES, 1);
      assertEquals(input, replay(graph, input));
    }
  }

  /** Waiting for all streams takes in the one that is recorded, and the driver would refuse it. */
  @Test
  void whoWaitsForTheContextWaitsForTheEndOfTheRecording() throws InterruptedException {
    comesAfterTheRecording(context::synchronize);
  }

  /** Another engine on the same device has the same streams in its share of the context. */
  @Test
  void soDoesWhoWaitsForAnotherShareOfTheContext() throws InterruptedException {
    try (CudaContext share = TestDevice.open()) {
      comesAfterTheRecording(share::synchronize);
    }
  }

  @Test
  void soDoesWhoClosesALibrary() throws InterruptedException {
    TestDevice.need(CudaLibrary.CUBLAS);
    TestDevice.need(CudaLibrary.CUDNN);
    try (CudaContext share = TestDevice.open()) {
      CudaStream own = new CudaStream(share, "own");
      comesAfterTheRecording(new CublasGemm(own)::close);
      comesAfterTheRecording(new CudnnHandle(own)::close);
    }
  }

  private void comesAfterTheRecording(Runnable waits) throws InterruptedException {
    List<Throwable> failures = new ArrayList<>();
    Thread other = new Thread(waits);
    other.setUncaughtExceptionHandler((thread, failure) -> failures.add(failure));
    try (CudaGraph graph =
        CudaGraph.capture(
            stream,
            "beside one who waits",
            () -> {
              roundTrip();
              other.start();
              while (other.getState() != Thread.State.WAITING && other.isAlive()) {
                Thread.onSpinWait();
              }
              assertTrue(other.isAlive(), () -> "did not wait: " + failures);
            })) {
      other.join();
      assertEquals(List.of(), failures);
      ByteBuffer input = TestDevice.randomBytes(BYTES, 1);
      assertEquals(input, replay(graph, input));
    }
  }

  @Test
  void isPutOnTheDeviceAheadOnAnotherStream() {
    CudaStream other = new CudaStream(context, "other");
    try (CudaGraph graph = CudaGraph.capture(other, "round trip", () -> roundTrip(other))) {
      graph.upload(other);
      other.synchronize();
      for (int seed = 1; seed <= 3; seed++) {
        ByteBuffer input = TestDevice.randomBytes(BYTES, seed);
        assertEquals(input, replay(graph, input));
      }
    }
  }

  @Test
  void aSecondStreamJoinsThroughEvents() {
    CudaStream side = new CudaStream(context, "side");
    CudaEvent fork = new CudaEvent(context, "fork");
    CudaEvent join = new CudaEvent(context, "join");
    try (CudaGraph graph =
        CudaGraph.capture(
            stream,
            "two streams",
            () -> {
              stream.upload(memory.address(), in, 0, BYTES);
              fork.record(stream);
              side.await(fork);
              side.copy(memory.address() + BYTES, memory.address(), BYTES);
              join.record(side);
              stream.await(join);
              stream.download(out, 0, memory.address() + BYTES, BYTES);
            })) {
      assertEquals(3, graph.nodeCount());
      ByteBuffer input = TestDevice.randomBytes(BYTES, 9);
      assertEquals(input, replay(graph, input));
    }
  }

  @Test
  void closedGraphsAndStreamsAreRefused() {
    CudaGraph graph = CudaGraph.capture(stream, "round trip", this::roundTrip);
    graph.close();
    graph.close();
    IllegalStateException e = assertThrows(IllegalStateException.class, () -> graph.launch(stream));
    assertEquals("graph 'round trip' was used after close()", e.getMessage());
    stream.close();
    assertThrows(
        IllegalStateException.class, () -> CudaGraph.capture(stream, "late", this::roundTrip));
    assertEquals(
        List.of("pinned buffer 'in'", "pinned buffer 'out'", "device memory 'm'"), context.leaks());
  }

  @Test
  void eventsMarkAndMeasure() {
    CudaEvent start = new CudaEvent(context, "start");
    CudaEvent end = new CudaEvent(context, "end");
    start.record(stream);
    roundTrip();
    end.record(stream);
    end.synchronize();
    assertTrue(start.isDone());
    assertTrue(end.isDone());
    assertTrue(end.elapsedMs(start) >= 0);
    end.close();
    IllegalStateException e = assertThrows(IllegalStateException.class, () -> end.record(stream));
    assertEquals("event 'end' was used after close()", e.getMessage());
  }
}
