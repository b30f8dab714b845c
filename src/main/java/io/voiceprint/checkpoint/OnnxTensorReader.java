package io.voiceprint.checkpoint;

import io.voiceprint.checkpoint.Extents.MalformedExtentsException;
import io.voiceprint.checkpoint.OnnxDescription.Range;
import io.voiceprint.checkpoint.onnx.OnnxProto.TensorProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.TensorProto.DataLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Finds the elements of ONNX tensors: raw, as typed lists, or in a file beside the model. */
final class OnnxTensorReader {
  private final WeightFile file;
  private final Map<Path, WeightFile> externalFiles = new LinkedHashMap<>();

  OnnxTensorReader(WeightFile file) {
    this.file = file;
  }

  /** The files beside the model that tensors lie in. */
  Set<Path> files() {
    return externalFiles.keySet();
  }

  /** A tensor that is wholly in memory, unless its data are external. */
  OnnxTensor read(String name, TensorProto proto) throws CheckpointException {
    return read(name, proto, null);
  }

  /**
   * Reads all of a tensor but what of its elements can stay in a file.
   *
   * @param raw where in the file its raw data lie; {@code null} if it has others
   */
  OnnxTensor read(String name, TensorProto proto, Range raw) throws CheckpointException {
    DType dtype = dtype(name, proto.getDataType());
    long[] sizes = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
    Extents extents;
    try {
      extents = Extents.contiguous(sizes);
    } catch (MalformedExtentsException e) {
      throw failure(name, e.getMessage());
    }
    boolean external =
        proto.getDataLocation() == DataLocation.EXTERNAL || proto.getExternalDataCount() > 0;
    FileRecord record = null;
    ByteBuffer bytes = null;
    if (external) {
      record = external(name, OnnxReader.entries(proto.getExternalDataList()));
    } else if (raw != null) {
      record = FileRecord.unchecked(file, title(name), raw.begin(), raw.length());
    } else if (proto.hasRawData()) {
      bytes = proto.getRawData().asReadOnlyByteBuffer();
    } else {
      bytes = typed(dtype, proto);
    }
    long expected = extents.elements() * dtype.bytes();
    long found = record != null ? record.size() : bytes.remaining();
    if (found != expected) {
      throw failure(
          name,
          "holds %d bytes, but its shape %s of %s needs %d"
              .formatted(found, proto.getDimsList(), dtype, expected));
    }
    return record == null
        ? new OnnxTensor(file, name, dtype, extents, bytes, null)
        : new OnnxTensor(
            file,
            name,
            dtype,
            extents,
            null,
            new FileTensor(title(name), dtype, extents, record, 0));
  }

  private static String title(String name) {
    return "tensor \"" + name + "\"";
  }

  /** TensorProto.DataType. */
  private DType dtype(String name, int type) throws CheckpointException {
    return switch (type) {
      case 1 -> DType.FLOAT32;
      case 2 -> DType.UINT8;
      case 3 -> DType.INT8;
      case 5 -> DType.INT16;
      case 6 -> DType.INT32;
      case 7 -> DType.INT64;
      case 9 -> DType.BOOL;
      case 10 -> DType.FLOAT16;
      case 11 -> DType.FLOAT64;
      case 16 -> DType.BFLOAT16;
      default ->
          throw failure(name, "is of ONNX data type " + type + ", which no network here has");
    };
  }

  private static ByteBuffer typed(DType dtype, TensorProto proto) {
    int count =
        switch (dtype) {
          case FLOAT32 -> proto.getFloatDataCount();
          case FLOAT64 -> proto.getDoubleDataCount();
          case INT64 -> proto.getInt64DataCount();
          default -> proto.getInt32DataCount();
        };
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(count, dtype.bytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      switch (dtype) {
        case FLOAT32 -> bytes.putFloat(proto.getFloatData(i));
        case FLOAT64 -> bytes.putDouble(proto.getDoubleData(i));
        case INT64 -> bytes.putLong(proto.getInt64Data(i));
        case INT32 -> bytes.putInt(proto.getInt32Data(i));
        // The bits of the half types are stored as whole numbers.
        case FLOAT16, BFLOAT16, INT16 -> bytes.putShort((short) proto.getInt32Data(i));
        case INT8, UINT8, BOOL -> bytes.put((byte) proto.getInt32Data(i));
      }
    }
    return bytes.flip();
  }

  private FileRecord external(String name, Map<String, String> entries) throws CheckpointException {
    WeightFile data = externalFile(name, entries.getOrDefault("location", ""));
    long offset = number(name, entries, "offset", 0);
    long length = number(name, entries, "length", data.size() - offset);
    if (!data.contains(offset, length) || length > WeightFile.MAX_RANGE) {
      throw failure(
          name,
          "lies at offset %d, length %d of %s, which has %d bytes"
              .formatted(offset, length, data.path().getFileName(), data.size()));
    }
    return FileRecord.unchecked(data, title(name), offset, length);
  }

  /** A file in the model's folder or below it; a link that leads out of it is none. */
  private WeightFile externalFile(String name, String location) throws CheckpointException {
    try {
      Path folder = file.path().toAbsolutePath().getParent().toRealPath();
      Path path = folder.resolve(location).normalize();
      if (location.isEmpty() || !path.startsWith(folder) || path.equals(folder)) {
        throw failure(name, "its data is in \"" + location + "\", outside the model's folder");
      }
      Path real = path.toRealPath();
      if (!real.startsWith(folder)) {
        throw failure(name, "its data \"" + location + "\" is a link out of the model's folder");
      }
      WeightFile data = externalFiles.get(real);
      if (data == null) {
        data = WeightFile.open(real);
        externalFiles.put(real, data);
      }
      return data;
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException | InvalidPathException e) {
      throw failure(
          name, "its data is in \"" + location + "\" beside the model, which cannot be opened");
    }
  }

  private long number(String name, Map<String, String> entries, String key, long otherwise)
      throws CheckpointException {
    String value = entries.get(key);
    try {
      return value == null ? otherwise : Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw failure(name, "external data has " + key + "=\"" + value + "\", expected a number");
    }
  }

  private CheckpointException failure(String name, String reason) {
    return file.failure(title(name) + ": " + reason);
  }
}
