package io.voiceprint.engine.cuda;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The programs of a lane that were used last: as many as have room for their graphs. A program
 * takes its room from the start, so that a graph that is captured later finds it free. For one
 * thread at a time, that of the lane, and only while no row is under way.
 */
final class ProgramCache {
  private final long graphBytes;
  private final Map<Key, RowProgram> programs = new LinkedHashMap<>(64, 0.75f, true);

  private record Key(RowSize row, Source source) {
    static Key of(RowProgram program) {
      return new Key(program.plan().row().row(), program.plan().row().memory().source());
    }
  }

  /**
   * @param graphBytes device memory for the graphs of all programs; one program has room anyway
   */
  ProgramCache(long graphBytes) {
    this.graphBytes = graphBytes;
  }

  /** The program of a size, or {@code null}. */
  RowProgram get(RowSize row, Source source) {
    return programs.get(new Key(row, source));
  }

  /** Adds a program, and drops those that were not used for longest until there is room for it. */
  void add(RowProgram program) {
    programs.put(Key.of(program), program);
    long bytes = programs.values().stream().mapToLong(RowProgram::graphBytes).sum();
    Iterator<RowProgram> oldest = programs.values().iterator();
    while (bytes > graphBytes && programs.size() > 1) {
      RowProgram old = oldest.next();
      bytes -= old.graphBytes();
      oldest.remove();
      old.drop();
    }
  }

  void remove(RowProgram program) {
    programs.remove(Key.of(program), program);
  }
}
