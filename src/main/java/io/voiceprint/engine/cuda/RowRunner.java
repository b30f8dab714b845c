package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.engine.EngineException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Packs utterances into rows and runs these on the lanes, as many at once as are free, but of rows
 * longer than all buckets one. What fails leaves every lane at rest, ready for the next call.
 */
final class RowRunner {
  private final EngineState state;
  private final CudaDevice device;
  private final Network network;
  private final RowLimits limits;
  private final LanePool lanes;

  /** Held from before a long row has a lane until it has landed. */
  private final Semaphore longRow = new Semaphore(1, true);

  RowRunner(
      EngineState state, CudaDevice device, Network network, RowLimits limits, LanePool lanes) {
    this.state = state;
    this.device = device;
    this.network = network;
    this.limits = limits;
    this.lanes = lanes;
  }

  /** Queues a row of one kind of utterance on a lane. */
  interface Submission<U> {
    void submit(Lane lane, PackedRow packed, List<U> utterances, int from);
  }

  /** A row under way. */
  private record Flight(Lane lane, PackedRow packed) {}

  /** The embeddings of utterances, in their order. */
  <U> List<float[]> embed(List<U> utterances, ToIntFunction<U> frames, Submission<U> submission) {
    state.requireUsable();
    List<float[]> embeddings = new ArrayList<>(utterances.size());
    Deque<Flight> flights = new ArrayDeque<>(4);
    try {
      int from = 0;
      while (from < utterances.size()) {
        int count =
            PackedRow.fitting(
                network.geometry(),
                utterances,
                from,
                limits.buckets().largest(),
                limits.maxClips(),
                frames);
        PackedRow packed =
            pack(utterances, frames, network.graph().minFrames(), from, from + count);
        Lane lane = laneFor(packed, flights, embeddings);
        flights.addLast(new Flight(lane, packed));
        int first = from;
        guarded(lane, () -> submission.submit(lane, packed, utterances, first));
        from += count;
      }
      landAll(flights, embeddings);
      return embeddings;
    } catch (RuntimeException | Error e) {
      // What is still under way is waited for and thrown away.
      for (Flight flight : flights) {
        recover(flight.lane(), e);
        lanes.giveBack(flight.lane());
        endLong(flight.packed());
      }
      throw e;
    }
  }

  private void landAll(Deque<Flight> flights, List<float[]> embeddings) {
    while (!flights.isEmpty()) {
      lanes.giveBack(land(flights, embeddings));
    }
  }

  /** A lane for a row, and if that is long also what it must hold until it has landed. */
  private Lane laneFor(PackedRow packed, Deque<Flight> flights, List<float[]> embeddings) {
    if (limits.isLong(packed) && !longRow.tryAcquire()) {
      landAll(flights, embeddings); // Who waits for a long row keeps no lane from it.
      longRow.acquireUninterruptibly();
    }
    try {
      return nextLane(flights, embeddings);
    } catch (RuntimeException | Error e) {
      endLong(packed);
      throw e;
    }
  }

  private void endLong(PackedRow packed) {
    if (limits.isLong(packed)) {
      longRow.release();
    }
  }

  /** A free lane, or that of the oldest row under way once it has landed. */
  private Lane nextLane(Deque<Flight> flights, List<float[]> embeddings) {
    if (flights.isEmpty()) {
      return takeLane();
    }
    Lane lane = lanes.poll();
    return lane != null ? lane : land(flights, embeddings);
  }

  private Lane takeLane() {
    Lane lane = lanes.take();
    if (!state.isUsable()) {
      lanes.giveBack(lane);
      state.requireUsable();
    }
    return lane;
  }

  /** Waits for the oldest row, takes its embeddings, and returns its lane, free again. */
  private Lane land(Deque<Flight> flights, List<float[]> embeddings) {
    Flight flight = flights.peekFirst();
    Lane lane = flight.lane();
    guarded(
        lane,
        () -> {
          lane.await();
          for (int clip = 0; clip < flight.packed().clips(); clip++) {
            embeddings.add(lane.embedding(clip));
          }
          lane.finish();
        });
    flights.removeFirst();
    endLong(flight.packed());
    return lane;
  }

  /** What {@code work} gives that has a lane for itself, for a row. */
  <T> T onLane(PackedRow packed, Function<Lane, T> work) {
    if (limits.isLong(packed)) {
      longRow.acquireUninterruptibly();
    }
    try {
      return onLane(work);
    } finally {
      endLong(packed);
    }
  }

  private <T> T onLane(Function<Lane, T> work) {
    Lane lane = takeLane();
    try {
      List<T> result = new ArrayList<>(1);
      guarded(
          lane,
          () -> {
            result.add(work.apply(lane));
            lane.finish();
          });
      return result.get(0);
    } finally {
      lanes.giveBack(lane);
    }
  }

  /** Waits until all lanes are free and runs {@code work} on one after the other. */
  void onEachLane(Consumer<Lane> work) {
    lanes.forEach(
        lane -> {
          state.requireUsable();
          guarded(lane, () -> work.accept(lane));
        });
  }

  private void guarded(Lane lane, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      state.breakDownIfLost(e);
      recover(lane, e);
      throw e;
    }
  }

  /** A lane that cannot be brought to rest makes the engine unusable. */
  private void recover(Lane lane, Throwable failure) {
    try {
      lane.recover();
    } catch (RuntimeException | Error e) {
      state.breakDown(e);
      failure.addSuppressed(e);
    }
  }

  /**
   * Packs utterances {@code from} to {@code to} into one row.
   *
   * @param least frames that each must have
   * @throws EngineException if one is too short or too long
   */
  <U> PackedRow pack(List<U> utterances, ToIntFunction<U> frames, int least, int from, int to) {
    state.requireUsable();
    for (int i = from; i < to; i++) {
      int length = frames.applyAsInt(utterances.get(i));
      if (length < least || length > limits.maxFrames()) {
        throw new EngineException(
            "utterance %d has %d frames but this network on %s takes %d to %d"
                .formatted(i, length, device, least, limits.maxFrames()));
      }
    }
    return PackedRow.of(network.geometry(), utterances, from, to, frames);
  }
}
