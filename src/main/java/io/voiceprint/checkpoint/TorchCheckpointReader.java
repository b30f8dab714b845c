package io.voiceprint.checkpoint;

import io.voiceprint.checkpoint.TorchValue.Dict;
import io.voiceprint.checkpoint.TorchValue.PyList;
import io.voiceprint.checkpoint.TorchValue.Storage;
import io.voiceprint.checkpoint.TorchValue.TensorView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the zip format of {@code torch.save} (PyTorch 1.6 and later): {@code <name>/data.pkl}
 * describes the tensors, {@code <name>/data/<key>} holds the elements of one storage, and {@code
 * <name>/byteorder}, written since 2.1, says in which order their bytes are.
 *
 * <p>Source: the PyTorch note "Serialization semantics".
 */
final class TorchCheckpointReader {
  private static final String PICKLE = "/data.pkl";
  private static final long MAX_PICKLE_BYTES = 16 << 20;

  /** Where training scripts put the weights among other things. */
  private static final List<String> WRAPPERS =
      List.of("state_dict", "model_state_dict", "model", "embedding_model", "net", "module");

  private static final int MAX_WRAPPING = 4;

  private final WeightFile file;
  private final ZipDirectory zip;
  private final String root;
  private final Map<String, FileRecord> records = new HashMap<>();

  private TorchCheckpointReader(WeightFile file, ZipDirectory zip, String root) {
    this.file = file;
    this.zip = zip;
    this.root = root;
  }

  static StateDict read(WeightFile file) throws CheckpointException {
    ZipDirectory zip = ZipDirectory.read(file);
    List<String> pickles = new ArrayList<>();
    for (String name : zip.names()) {
      if (name.endsWith(PICKLE) && name.indexOf('/') == name.length() - PICKLE.length()) {
        pickles.add(name);
      }
    }
    if (pickles.size() != 1) {
      throw file.failure(
          "is a zip archive but not a PyTorch checkpoint: "
              + pickles.size()
              + " records named <name>"
              + PICKLE
              + ", expected 1");
    }
    String pickle = pickles.get(0);
    String root = pickle.substring(0, pickle.length() - PICKLE.length());
    return new TorchCheckpointReader(file, zip, root).readTensors(pickle);
  }

  private StateDict readTensors(String pickle) throws CheckpointException {
    requireLittleEndian();
    FileRecord record = zip.record(pickle);
    if (record.size() > MAX_PICKLE_BYTES) {
      throw file.failure(pickle + " has " + record.size() + " bytes, at most " + MAX_PICKLE_BYTES);
    }
    Dict weights;
    try {
      weights = unwrap(PickleReader.read(record.bytes(0, record.size())));
    } catch (MalformedPickleException e) {
      throw file.failure(pickle + ": " + e.getMessage());
    }
    TensorTable tensors = new TensorTable(file);
    for (Map.Entry<Object, TorchValue> entry : weights.items().entrySet()) {
      if (!(entry.getKey() instanceof String key)) {
        throw file.failure("key " + entry.getKey() + " is not a string");
      }
      if (!(entry.getValue() instanceof TensorView view)) {
        throw file.failure(key + ": is not a tensor");
      }
      tensors.add(tensor(TensorTable.strip(key), view));
    }
    return tensors.toStateDict(Map.of());
  }

  private Dict unwrap(TorchValue value) throws CheckpointException {
    TorchValue current = value;
    for (int depth = 0; depth < MAX_WRAPPING; depth++) {
      if (!(current instanceof Dict dict)) {
        throw file.failure(
            "holds "
                + describe(current)
                + ", expected a dict of tensors; save with torch.save(model.state_dict(), file)");
      }
      List<String> inner = new ArrayList<>();
      for (String wrapper : WRAPPERS) {
        if (dict.items().get(wrapper) instanceof Dict) {
          inner.add(wrapper);
        }
      }
      if (inner.isEmpty()) {
        return dict;
      }
      if (inner.size() > 1) {
        throw file.failure("holds several dicts of weights: " + inner + "; save only one of them");
      }
      current = dict.items().get(inner.get(0));
    }
    throw file.failure("holds dicts nested deeper than " + MAX_WRAPPING + " levels");
  }

  private static String describe(TorchValue value) {
    if (value instanceof TensorView) {
      return "one tensor";
    }
    return value instanceof PyList ? "a list" : "a single value";
  }

  private FileTensor tensor(String key, TensorView view) throws CheckpointException {
    Storage storage = view.storage();
    FileRecord record = records.get(storage.key());
    if (record == null) {
      record = zip.record(root + "/data/" + storage.key());
      records.put(storage.key(), record);
    }
    long held = record.size() / storage.dtype().bytes();
    if (storage.elements() < 0 || storage.elements() > held) {
      throw file.failure(
          key
              + ": record "
              + record.name()
              + " has "
              + record.size()
              + " bytes, too few for "
              + storage.elements()
              + " elements of "
              + storage.dtype());
    }
    try {
      Extents extents = Extents.of(view.sizes(), view.strides());
      return new FileTensor(key, storage.dtype(), extents, record, view.offset());
    } catch (Extents.MalformedExtentsException e) {
      throw file.failure(key + ": " + e.getMessage());
    }
  }

  private void requireLittleEndian() throws CheckpointException {
    String name = root + "/byteorder";
    if (!zip.names().contains(name)) {
      return;
    }
    FileRecord record = zip.record(name);
    ByteBuffer bytes = record.bytes(0, Math.min(record.size(), 16));
    String order = StandardCharsets.US_ASCII.decode(bytes).toString().strip();
    if (!order.equals("little")) {
      throw file.failure(
          "byte order is '" + order + "', expected 'little'; save it on a little-endian machine");
    }
  }
}
