package io.voiceprint.checkpoint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Stack, marks and memo of a pickle machine, all of bounded size. */
final class PickleStack {
  /** A batch of 1000 pairs, as Python writes them, needs about 2000. */
  private static final int MAX_VALUES = 1 << 16;

  /** Python itself cannot pickle a structure nested this deep. */
  private static final int MAX_MARKS = 1000;

  private final List<TorchValue> values = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Long, TorchValue> memo = new HashMap<>();

  void push(TorchValue value) throws MalformedPickleException {
    if (values.size() == MAX_VALUES) {
      throw new MalformedPickleException("more than " + MAX_VALUES + " values on its stack");
    }
    values.add(value);
  }

  TorchValue pop() throws MalformedPickleException {
    requireValue();
    return values.remove(values.size() - 1);
  }

  TorchValue top() throws MalformedPickleException {
    requireValue();
    return values.get(values.size() - 1);
  }

  void mark() throws MalformedPickleException {
    if (marks.size() == MAX_MARKS) {
      throw new MalformedPickleException("nested deeper than " + MAX_MARKS + " levels");
    }
    marks.add(values.size());
  }

  /** Removes and returns what lies above the last mark, and the mark. */
  List<TorchValue> popToMark() throws MalformedPickleException {
    if (marks.isEmpty()) {
      throw new MalformedPickleException("a mark is missing");
    }
    List<TorchValue> above = values.subList(marks.remove(marks.size() - 1), values.size());
    List<TorchValue> result = List.copyOf(above);
    above.clear();
    return result;
  }

  /** Removes and returns the topmost values, the deepest of them first. */
  List<TorchValue> pop(int count) throws MalformedPickleException {
    TorchValue[] result = new TorchValue[count];
    for (int i = count - 1; i >= 0; i--) {
      result[i] = pop();
    }
    return List.of(result);
  }

  /** The one value left at the end. */
  TorchValue result() throws MalformedPickleException {
    if (values.size() != 1 || !marks.isEmpty()) {
      throw new MalformedPickleException("ends with " + values.size() + " values, expected 1");
    }
    return values.get(0);
  }

  void memoize(long slot) throws MalformedPickleException {
    memo.put(slot, top());
  }

  void memoizeNext() throws MalformedPickleException {
    memoize(memo.size());
  }

  void recall(long slot) throws MalformedPickleException {
    TorchValue value = memo.get(slot);
    if (value == null) {
      throw new MalformedPickleException("memo slot " + slot + " is empty");
    }
    push(value);
  }

  private void requireValue() throws MalformedPickleException {
    int floor = marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
    if (values.size() <= floor) {
      throw new MalformedPickleException("its stack is empty where a value is needed");
    }
  }
}
