package io.voiceprint.checkpoint;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.voiceprint.checkpoint.onnx.OnnxProto.GraphProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.ModelProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.TensorProto;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What an ONNX file says of its network: all but the raw elements of the initialisers, which stay
 * in the file. The fields of an encoded message make a message again without some of them
 * (protobuf.dev/programming-guides/encoding), so that what is left out need not be read.
 */
final class OnnxDescription {
  /** Nodes, names and shapes: thirty times what the largest network here needs. */
  private static final long MAX_BYTES = 4 << 20;

  private final WeightFile file;
  private final Fields model = new Fields();
  private final Fields graph = new Fields();
  private final List<Initializer> initializers = new ArrayList<>();
  private boolean hasGraph;
  private long elementBytes;

  /**
   * An initialiser.
   *
   * @param proto without its raw elements
   * @param raw bytes of the file that these take; {@code null} if it has none
   */
  record Initializer(TensorProto proto, Range raw) {}

  /** Bytes of the file. */
  record Range(long begin, long end) {
    long length() {
      return end - begin;
    }
  }

  /** Fields of one message, as they lie in the file. */
  private final class Fields {
    private final List<Range> ranges = new ArrayList<>();

    void add(long begin, long end) {
      int last = ranges.size() - 1;
      if (last >= 0 && ranges.get(last).end() == begin) {
        ranges.set(last, new Range(ranges.get(last).begin(), end));
      } else {
        ranges.add(new Range(begin, end));
      }
    }

    InputStream stream() {
      List<InputStream> streams = new ArrayList<>();
      ranges.forEach(range -> streams.add(new WeightStream(file, range.begin(), range.end())));
      return new SequenceInputStream(Collections.enumeration(streams));
    }
  }

  private OnnxDescription(WeightFile file) {
    this.file = file;
  }

  /**
   * Reads it.
   *
   * @throws CheckpointException if it is too large for a network that is known here
   * @throws IOException if it is no encoded message, or the file cannot be read
   */
  static OnnxDescription read(WeightFile file) throws IOException {
    OnnxDescription description = new OnnxDescription(file);
    description.readModel(CodedInputStream.newInstance(new WeightStream(file, 0, file.size())));
    return description;
  }

  /** The model without its graph. */
  ModelProto model() throws IOException {
    return ModelProto.parseFrom(model.stream());
  }

  boolean hasGraph() {
    return hasGraph;
  }

  /** The graph without its initialisers. */
  GraphProto graph() throws IOException {
    return GraphProto.parseFrom(graph.stream());
  }

  /** Those of the graph, in the file's order. */
  List<Initializer> initializers() {
    return initializers;
  }

  private void readModel(CodedInputStream in) throws IOException {
    int begin = in.getTotalBytesRead();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == lengthDelimited(ModelProto.GRAPH_FIELD_NUMBER)) {
        hasGraph = true;
        readGraph(in);
      } else {
        in.skipField(tag);
        model.add(begin, in.getTotalBytesRead());
      }
      requireShort(in);
      begin = in.getTotalBytesRead();
    }
  }

  private void readGraph(CodedInputStream in) throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    int begin = in.getTotalBytesRead();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == lengthDelimited(GraphProto.INITIALIZER_FIELD_NUMBER)) {
        readInitializer(in);
      } else {
        in.skipField(tag);
        graph.add(begin, in.getTotalBytesRead());
      }
      requireShort(in);
      begin = in.getTotalBytesRead();
    }
    in.popLimit(limit);
  }

  private void readInitializer(CodedInputStream in) throws IOException {
    Fields fields = new Fields();
    Range raw = null;
    int limit = in.pushLimit(in.readRawVarint32());
    int begin = in.getTotalBytesRead();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == lengthDelimited(TensorProto.RAW_DATA_FIELD_NUMBER)) {
        int length = in.readRawVarint32();
        int at = in.getTotalBytesRead();
        in.skipRawBytes(length);
        raw = new Range(at, in.getTotalBytesRead());
        elementBytes += raw.length();
      } else {
        in.skipField(tag);
        fields.add(begin, in.getTotalBytesRead());
        if (tag == lengthDelimited(TensorProto.FLOAT_DATA_FIELD_NUMBER)
            || tag == lengthDelimited(TensorProto.DOUBLE_DATA_FIELD_NUMBER)) {
          elementBytes += in.getTotalBytesRead() - begin;
        }
      }
      requireShort(in);
      begin = in.getTotalBytesRead();
    }
    in.popLimit(limit);
    initializers.add(new Initializer(TensorProto.parseFrom(fields.stream()), raw));
  }

  /**
   * Elements, which are packed as tightly as in the file, may be many; all else becomes objects.
   */
  private void requireShort(CodedInputStream in) throws CheckpointException {
    if (in.getTotalBytesRead() - elementBytes > MAX_BYTES) {
      throw file.failure("its description of the network takes more than " + MAX_BYTES + " bytes");
    }
  }

  private static int lengthDelimited(int field) {
    return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }
}
