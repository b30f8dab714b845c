package io.voiceprint.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.voiceprint.checkpoint.StoredTensor;
import io.voiceprint.graph.GraphCost;
import io.voiceprint.model.Architecture;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Locale;

/** What a weight file holds, for programs. */
final class InfoJson {
  private InfoJson() {}

  static String of(ModelFile file) throws IOException {
    SpeakerModel model = file.model();
    Architecture net = model.architecture();
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
      out.useDefaultPrettyPrinter();
      out.writeStartObject();
      out.writeStringField("file", model.source().toString());
      out.writeStringField("model", net.paperName());
      out.writeStringField("description", net.toString());
      out.writeNumberField("parameters", model.parameters());
      out.writeNumberField("frames", InfoCommand.FRAMES);
      out.writeNumberField("macs", GraphCost.macs(model.graph(), InfoCommand.FRAMES));
      out.writeNumberField("embedding_size", net.embeddingSize());
      out.writeStringField("pooling", net.pooling().name());
      if (model.threshold().isPresent()) {
        out.writeNumberField("threshold", model.threshold().getAsDouble());
      }
      out.writeArrayFieldStart("tensors");
      for (String name : file.tensors().names()) {
        StoredTensor tensor = file.tensors().tensor(name);
        out.writeStartObject();
        out.writeStringField("name", name);
        out.writeFieldName("shape");
        out.writeArray(tensor.shape(), 0, tensor.shape().length);
        out.writeStringField("dtype", tensor.dtype().name().toLowerCase(Locale.ROOT));
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeEndObject();
    }
    return text + "\n";
  }
}
