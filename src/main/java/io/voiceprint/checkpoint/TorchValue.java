package io.voiceprint.checkpoint;

import java.util.List;
import java.util.Map;

/** What a pickled checkpoint can be made of, as far as it is read. Nothing here has behaviour. */
sealed interface TorchValue {

  /** Values of which nothing but their presence matters. */
  enum Opaque implements TorchValue {
    NONE,
    BYTES
  }

  /** A Python int, float, bool or str: Long, Double, Boolean or String. */
  record Scalar(Object value) implements TorchValue {}

  record Tuple(List<TorchValue> items) implements TorchValue {}

  record PyList(List<TorchValue> items) implements TorchValue {}

  /** A dict or an OrderedDict, in its order. */
  record Dict(Map<Object, TorchValue> items) implements TorchValue {}

  /** A named Python class or function; see {@link TorchGlobal}. */
  record Global(TorchGlobal global) implements TorchValue {}

  /** A storage in the record {@code data/<key>} of the archive. */
  record Storage(DType dtype, String key, long elements) implements TorchValue {}

  /** A view of a storage; offset, sizes and strides in elements and not yet checked. */
  record TensorView(Storage storage, long offset, long[] sizes, long[] strides)
      implements TorchValue {}
}
