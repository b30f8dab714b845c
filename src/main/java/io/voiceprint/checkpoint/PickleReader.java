package io.voiceprint.checkpoint;

import io.voiceprint.checkpoint.TorchValue.Dict;
import io.voiceprint.checkpoint.TorchValue.Global;
import io.voiceprint.checkpoint.TorchValue.Opaque;
import io.voiceprint.checkpoint.TorchValue.PyList;
import io.voiceprint.checkpoint.TorchValue.Scalar;
import io.voiceprint.checkpoint.TorchValue.Tuple;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Reads the part of the pickle format, protocols 2 to 5, that describes tensors in dicts and lists.
 *
 * <p>A pickle is a program for a small stack machine, whose {@code GLOBAL} and {@code REDUCE}
 * instructions import and call anything when Python runs them. Here they only look names up in
 * {@link TorchGlobal}; nothing is ever executed, and a name outside that list ends the reading.
 * Values are never walked recursively, lengths are checked against the bytes that are there, and
 * stack, nesting and number of instructions are bounded.
 *
 * <p>The instructions are those documented in the source of Python's {@code pickletools} module.
 */
final class PickleReader {
  /** A network of 2000 tensors needs about 80 000. */
  private static final int MAX_INSTRUCTIONS = 1 << 20;

  private static final int MAX_PROTOCOL = 5;

  private final ByteBuffer code;
  private final PickleStack stack = new PickleStack();

  private PickleReader(ByteBuffer code) {
    this.code = code.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Reads one pickle.
   *
   * @throws MalformedPickleException if it is damaged, or names or does what is not allowed
   */
  static TorchValue read(ByteBuffer code) throws MalformedPickleException {
    return new PickleReader(code).run();
  }

  private TorchValue run() throws MalformedPickleException {
    for (int i = 0; i < MAX_INSTRUCTIONS; i++) {
      int opcode = need(1).get() & 0xff;
      if (opcode == '.') {
        return stack.result();
      }
      step(opcode);
    }
    throw new MalformedPickleException("more than " + MAX_INSTRUCTIONS + " instructions");
  }

  private void step(int opcode) throws MalformedPickleException {
    // Four switches and not one: Java's compiler would need 9 MB for all instructions at once.
    if (!remember(opcode) && !pushScalar(opcode) && !collect(opcode) && !make(opcode)) {
      throw new MalformedPickleException(
          String.format("unsupported instruction 0x%02x at %d", opcode, code.position() - 1));
    }
  }

  /** The stack, and the memory beside it. */
  private boolean remember(int opcode) throws MalformedPickleException {
    switch (opcode) {
      case 0x80 -> protocol(u8());
      case 0x95 -> length(need(8).getLong()); // FRAME: a hint for readers of streams
      case '(' -> stack.mark();
      case '0' -> stack.pop();
      case '1' -> stack.popToMark();
      case '2' -> stack.push(stack.top());
      case 'q' -> stack.memoize(u8());
      case 'r' -> stack.memoize(u32());
      case 0x94 -> stack.memoizeNext();
      case 'h' -> stack.recall(u8());
      case 'j' -> stack.recall(u32());
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Numbers, strings and what is skipped. */
  private boolean pushScalar(int opcode) throws MalformedPickleException {
    switch (opcode) {
      case 'N' -> stack.push(Opaque.NONE);
      case 0x88 -> stack.push(new Scalar(true));
      case 0x89 -> stack.push(new Scalar(false));
      case 'J' -> stack.push(new Scalar((long) need(4).getInt()));
      case 'K' -> stack.push(new Scalar((long) u8()));
      case 'M' -> stack.push(new Scalar((long) (need(2).getShort() & 0xffff)));
      case 0x8a -> stack.push(new Scalar(integer(u8())));
      case 'G' ->
          stack.push(new Scalar(Double.longBitsToDouble(Long.reverseBytes(need(8).getLong()))));
      case 0x8c, 'U' -> stack.push(new Scalar(string(u8())));
      case 'X', 'T' -> stack.push(new Scalar(string(u32())));
      case 0x8d -> stack.push(new Scalar(string(need(8).getLong())));
      case 'C' -> skipBytes(u8());
      case 'B' -> skipBytes(u32());
      case 0x8e, 0x96 -> skipBytes(need(8).getLong());
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Tuples, lists and dicts. */
  private boolean collect(int opcode) throws MalformedPickleException {
    switch (opcode) {
      case ')' -> stack.push(new Tuple(List.of()));
      case 0x85 -> stack.push(new Tuple(stack.pop(1)));
      case 0x86 -> stack.push(new Tuple(stack.pop(2)));
      case 0x87 -> stack.push(new Tuple(stack.pop(3)));
      case 't' -> stack.push(new Tuple(stack.popToMark()));
      case ']' -> stack.push(new PyList(new ArrayList<>()));
      case 'l' -> stack.push(new PyList(new ArrayList<>(stack.popToMark())));
      case 'a' -> append(stack.pop(1));
      case 'e' -> append(stack.popToMark());
      case '}' -> stack.push(new Dict(new LinkedHashMap<>()));
      case 'd' -> {
        List<TorchValue> pairs = stack.popToMark();
        stack.push(new Dict(new LinkedHashMap<>()));
        put(pairs);
      }
      case 's' -> put(stack.pop(2));
      case 'u' -> put(stack.popToMark());
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Globals, and what is made of them. */
  private boolean make(int opcode) throws MalformedPickleException {
    switch (opcode) {
      case 'c' -> global(line(), line());
      case 0x93 -> {
        List<TorchValue> names = stack.pop(2);
        global(text(names.get(0)), text(names.get(1)));
      }
      case 'Q' -> stack.push(TorchGlobal.storage(stack.pop()));
      case 'R', 0x81 -> call(stack.pop(2));
      case 'b' -> build(stack.pop());
      default -> {
        return false;
      }
    }
    return true;
  }

  private static void protocol(int version) throws MalformedPickleException {
    if (version > MAX_PROTOCOL) {
      throw new MalformedPickleException(
          "pickle protocol " + version + ", expected at most " + MAX_PROTOCOL);
    }
  }

  private void global(String module, String name) throws MalformedPickleException {
    TorchGlobal global = TorchGlobal.find(module, name);
    if (global == null) {
      throw new MalformedPickleException(
          "refers to "
              + module
              + "."
              + name
              + ", which is not a tensor and is refused (nothing was run);"
              + " save only the weights: torch.save(model.state_dict(), file)");
    }
    stack.push(new Global(global));
  }

  private void call(List<TorchValue> pair) throws MalformedPickleException {
    if (!(pair.get(0) instanceof Global function && pair.get(1) instanceof Tuple arguments)) {
      throw new MalformedPickleException("calls something that is not a function");
    }
    stack.push(function.global().call(arguments.items()));
  }

  /** Attributes: an OrderedDict of weights carries {@code _metadata}, which is not needed. */
  private void build(TorchValue state) throws MalformedPickleException {
    if (!(state instanceof Dict && stack.top() instanceof Dict)) {
      throw new MalformedPickleException("sets the state of something that is not a dict");
    }
  }

  private void append(List<TorchValue> items) throws MalformedPickleException {
    if (!(stack.top() instanceof PyList list)) {
      throw new MalformedPickleException("appends to something that is not a list");
    }
    list.items().addAll(items);
  }

  private void put(List<TorchValue> pairs) throws MalformedPickleException {
    if (!(stack.top() instanceof Dict dict) || pairs.size() % 2 != 0) {
      throw new MalformedPickleException("sets items of something that is not a dict");
    }
    for (int i = 0; i < pairs.size(); i += 2) {
      // Only scalars: hashing a container could recurse without end.
      if (!(pairs.get(i) instanceof Scalar key)) {
        throw new MalformedPickleException("has a dict key that is neither a string nor a number");
      }
      dict.items().put(key.value(), pairs.get(i + 1));
    }
  }

  private void skipBytes(long length) throws MalformedPickleException {
    int count = length(length);
    code.position(code.position() + count);
    stack.push(Opaque.BYTES);
  }

  private static String text(TorchValue value) throws MalformedPickleException {
    if (value instanceof Scalar scalar && scalar.value() instanceof String text) {
      return text;
    }
    throw new MalformedPickleException("names a global by something that is not a string");
  }

  /** Little-endian two's complement of up to 8 bytes; no bytes mean 0. */
  private long integer(int bytes) throws MalformedPickleException {
    if (bytes > Long.BYTES) {
      throw new MalformedPickleException("an integer of " + bytes + " bytes, at most 8 are read");
    }
    need(bytes);
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      long octet = i == bytes - 1 ? code.get() : code.get() & 0xff;
      value |= octet << (8 * i);
    }
    return value;
  }

  private String string(long length) throws MalformedPickleException {
    byte[] bytes = new byte[length(length)];
    code.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private String line() throws MalformedPickleException {
    int start = code.position();
    int end = start;
    while (end < code.limit() && code.get(end) != '\n') {
      end++;
    }
    String text = string(end - start);
    need(1).get();
    return text;
  }

  private int u8() throws MalformedPickleException {
    return need(1).get() & 0xff;
  }

  private long u32() throws MalformedPickleException {
    return need(4).getInt() & 0xffffffffL;
  }

  private ByteBuffer need(int bytes) throws MalformedPickleException {
    length(bytes);
    return code;
  }

  private int length(long bytes) throws MalformedPickleException {
    if (bytes < 0 || bytes > code.remaining()) {
      throw new MalformedPickleException(
          "cut off at "
              + code.position()
              + ": "
              + bytes
              + " bytes needed, "
              + code.remaining()
              + " left");
    }
    return (int) bytes;
  }
}
