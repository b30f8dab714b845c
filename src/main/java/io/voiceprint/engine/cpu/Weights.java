package io.voiceprint.engine.cpu;

import io.voiceprint.graph.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.desc;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * The constants of all plans, each once per arrangement that a primitive asked for: usually one for
 * all lengths. The graph's own are read once, piece by piece, so that they never are in memory as a
 * whole beside what is made of them.
 */
@SuppressWarnings("try") // A PointerScope frees what is made while it is open; nobody calls it.
final class Weights implements AutoCloseable {
  /** Elements that are read before they are arranged, where output channels are no longer. */
  private static final int PIECE_ELEMENTS = 1 << 19;

  /** A multiple of all blocks of output channels that oneDNN arranges weights in. */
  private static final int OUTPUT_BLOCK = 64;

  private record Packed(desc form, memory object) {}

  private final engine cpu;
  private final stream queue;
  private final Map<String, List<Packed>> packed = new HashMap<>();
  private final Owned owned = new Owned();
  private FloatPointer piece;

  Weights(engine cpu, stream queue) {
    this.cpu = cpu;
    this.queue = queue;
  }

  /**
   * Weights as a primitive wants them.
   *
   * @param key what they are
   * @param plain the same weights, asked for at the first arrangement; another one of the same type
   *     is made of that
   * @param wanted the primitive's arrangement
   */
  memory in(desc wanted, String key, Supplier<PlainWeights> plain) {
    List<Packed> known = packed.computeIfAbsent(key, k -> new ArrayList<>());
    for (Packed candidate : known) {
      if (candidate.form().equals(wanted)) {
        return candidate.object();
      }
    }
    desc kept = owned.keep(new desc(wanted));
    memory target = owned.keep(new memory(kept, cpu));
    try (PointerScope scope = new PointerScope()) {
      if (!known.isEmpty()
          && known.get(0).form().get_data_type().value == wanted.get_data_type().value) {
        arrange(known.get(0).object(), target);
      } else {
        pack(plain.get(), target);
      }
    }
    known.add(new Packed(kept, target));
    return target;
  }

  private void arrange(memory source, memory target) {
    new reorder(source, target).execute(queue, source, target);
    queue._wait();
  }

  private void pack(PlainWeights plain, memory target) {
    Tensor.Reader reader = plain.tensor().reader();
    if (plain.desc().equals(target.get_desc())) {
      FloatPointer place = new FloatPointer(target.get_data_handle());
      reader.read(place.capacity(plain.tensor().elements()).asBuffer());
      return;
    }
    int blocks = Math.max(1, PIECE_ELEMENTS / plain.perOutput() / OUTPUT_BLOCK);
    int atOnce = Math.min(blocks * OUTPUT_BLOCK, plain.outputs());
    for (int from = 0; from < plain.outputs(); from += atOnce) {
      int count = Math.min(atOnce, plain.outputs() - from);
      FloatPointer read = piece(count * plain.perOutput());
      reader.read(read.asBuffer());
      memory part = new memory(plain.desc(count), cpu, read);
      arrange(part, outputs(target, plain, from, count));
    }
  }

  /** The place of some output channels among all. */
  private memory outputs(memory all, PlainWeights plain, int from, int count) {
    if (count == plain.outputs()) {
      return all;
    }
    long[] offsets = new long[plain.dims().length];
    offsets[0] = from;
    desc part = all.get_desc().submemory_desc(plain.dimsOf(count), offsets);
    return new memory(part, cpu, all.get_data_handle());
  }

  private FloatPointer piece(int elements) {
    if (piece == null || piece.capacity() < elements) {
      endReading();
      piece = new FloatPointer(Math.max(PIECE_ELEMENTS, elements));
      piece.retainReference();
    }
    return piece.limit(elements);
  }

  /** Frees what only reading needs; to be called when a plan is made. */
  void endReading() {
    if (piece != null) {
      piece.deallocate();
      piece = null;
    }
  }

  @Override
  public void close() {
    endReading();
    owned.close();
    packed.clear();
  }
}
