package io.voiceprint.engine.cpu;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;

/** Native objects that are freed together. */
final class Owned implements AutoCloseable {
  private final List<Pointer> pointers = new ArrayList<>();

  /** Takes ownership, also from a surrounding {@code PointerScope}. */
  <P extends Pointer> P keep(P pointer) {
    pointer.retainReference();
    pointers.add(pointer);
    return pointer;
  }

  @Override
  public void close() {
    for (int i = pointers.size() - 1; i >= 0; i--) {
      pointers.get(i).deallocate();
    }
    pointers.clear();
  }
}
