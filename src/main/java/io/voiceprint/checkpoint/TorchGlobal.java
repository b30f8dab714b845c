package io.voiceprint.checkpoint;

import io.voiceprint.checkpoint.TorchValue.Dict;
import io.voiceprint.checkpoint.TorchValue.Scalar;
import io.voiceprint.checkpoint.TorchValue.Storage;
import io.voiceprint.checkpoint.TorchValue.TensorView;
import io.voiceprint.checkpoint.TorchValue.Tuple;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * The Python names that a checkpoint may mention. This list is closed: a pickle that names anything
 * else is refused, so none of its calls can do more than build one of the values here.
 *
 * <p>Names and arguments are those of {@code torch/_utils.py} and {@code torch/storage.py}, as the
 * PyTorch note "Serialization semantics" describes the zip format.
 */
enum TorchGlobal {
  ORDERED_DICT("collections", "OrderedDict", null),
  SIZE("torch", "Size", null),
  REBUILD_TENSOR("torch._utils", "_rebuild_tensor_v2", null),
  REBUILD_PARAMETER("torch._utils", "_rebuild_parameter", null),
  DOUBLE_STORAGE("torch", "DoubleStorage", DType.FLOAT64),
  FLOAT_STORAGE("torch", "FloatStorage", DType.FLOAT32),
  HALF_STORAGE("torch", "HalfStorage", DType.FLOAT16),
  BFLOAT16_STORAGE("torch", "BFloat16Storage", DType.BFLOAT16),
  LONG_STORAGE("torch", "LongStorage", DType.INT64),
  INT_STORAGE("torch", "IntStorage", DType.INT32),
  SHORT_STORAGE("torch", "ShortStorage", DType.INT16),
  CHAR_STORAGE("torch", "CharStorage", DType.INT8),
  BYTE_STORAGE("torch", "ByteStorage", DType.UINT8),
  BOOL_STORAGE("torch", "BoolStorage", DType.BOOL);

  private final String module;
  private final String name;
  private final DType storageType;

  TorchGlobal(String module, String name, DType storageType) {
    this.module = module;
    this.name = name;
    this.storageType = storageType;
  }

  /** The entry of that name, or {@code null} if it is not on the list. */
  static TorchGlobal find(String module, String name) {
    for (TorchGlobal global : values()) {
      if (global.module.equals(module) && global.name.equals(name)) {
        return global;
      }
    }
    return null;
  }

  /** What the call {@code global(*args)} stands for. */
  TorchValue call(List<TorchValue> args) throws MalformedPickleException {
    return switch (this) {
      case ORDERED_DICT -> {
        require(args.isEmpty(), "no arguments");
        yield new Dict(new LinkedHashMap<>());
      }
      case SIZE -> {
        require(args.size() == 1 && args.get(0) instanceof Tuple, "one tuple");
        yield args.get(0);
      }
      case REBUILD_TENSOR -> tensor(args);
      case REBUILD_PARAMETER -> {
        require(!args.isEmpty() && args.get(0) instanceof TensorView, "a tensor");
        yield args.get(0);
      }
      default -> throw new MalformedPickleException(qualifiedName() + " is not a function");
    };
  }

  /**
   * What the persistent id {@code ('storage', type, key, location, elements)} stands for; the
   * location is the device it was on, which does not matter.
   */
  static Storage storage(TorchValue id) throws MalformedPickleException {
    if (id instanceof Tuple tuple
        && tuple.items().size() == 5
        && tuple.items().get(0) instanceof Scalar kind
        && "storage".equals(kind.value())
        && tuple.items().get(1) instanceof TorchValue.Global type
        && type.global().storageType != null
        && tuple.items().get(2) instanceof Scalar key
        && key.value() instanceof String name
        && tuple.items().get(4) instanceof Scalar elements
        && elements.value() instanceof Long count) {
      return new Storage(type.global().storageType, name, count);
    }
    throw new MalformedPickleException("a persistent id that is not ('storage', type, key, ...)");
  }

  /** {@code _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks, ...)}. */
  private TensorView tensor(List<TorchValue> args) throws MalformedPickleException {
    if (args.size() >= 4
        && args.get(0) instanceof Storage storage
        && args.get(1) instanceof Scalar offset
        && offset.value() instanceof Long first) {
      return new TensorView(storage, first, integers(args.get(2)), integers(args.get(3)));
    }
    throw new MalformedPickleException(qualifiedName() + " expects a storage and an offset");
  }

  private long[] integers(TorchValue value) throws MalformedPickleException {
    if (!(value instanceof Tuple tuple)) {
      throw new MalformedPickleException(qualifiedName() + " expects tuples of sizes and strides");
    }
    require(
        tuple.items().size() <= Extents.MAX_DIMENSIONS,
        "at most " + Extents.MAX_DIMENSIONS + " dimensions");
    long[] integers = new long[tuple.items().size()];
    for (int i = 0; i < integers.length; i++) {
      if (!(tuple.items().get(i) instanceof Scalar item && item.value() instanceof Long size)) {
        throw new MalformedPickleException(qualifiedName() + " expects integer sizes and strides");
      }
      integers[i] = size;
    }
    return integers;
  }

  private void require(boolean condition, String expected) throws MalformedPickleException {
    if (!condition) {
      throw new MalformedPickleException(qualifiedName() + " expects " + expected);
    }
  }

  private String qualifiedName() {
    return module + "." + name;
  }
}
