package io.voiceprint.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.voiceprint.Device;
import io.voiceprint.DeviceAvailability;
import io.voiceprint.diagnosis.Accuracy;
import io.voiceprint.diagnosis.CudaReport;
import io.voiceprint.diagnosis.CudaReport.Gpu;
import io.voiceprint.diagnosis.CudaReport.Library;
import io.voiceprint.diagnosis.Diagnosis;
import io.voiceprint.diagnosis.SelfTest;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A diagnosis for programs. */
final class DoctorJson {
  private final JsonGenerator out;

  private DoctorJson(JsonGenerator out) {
    this.out = out;
  }

  static String of(Diagnosis diagnosis) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
      out.useDefaultPrettyPrinter();
      new DoctorJson(out).write(diagnosis);
    }
    return text + "\n";
  }

  private void write(Diagnosis diagnosis) throws IOException {
    out.writeStartObject();
    out.writeStringField("version", Version.text());
    out.writeStringField("java", System.getProperty("java.version"));
    out.writeStringField("system", DoctorText.system());
    out.writeBooleanField("cuda_usable", diagnosis.isUsable(Device.CUDA));
    out.writeStringField("auto", diagnosis.automatic().toString());
    out.writeArrayFieldStart("devices");
    for (DeviceAvailability device : diagnosis.devices()) {
      out.writeStartObject();
      out.writeStringField("device", device.device().toString());
      out.writeBooleanField("available", device.isAvailable());
      out.writeStringField("problem", device.missing().orElse(""));
      out.writeEndObject();
    }
    out.writeEndArray();
    cuda(diagnosis.cuda());
    out.writeArrayFieldStart("self_tests");
    for (SelfTest test : diagnosis.selfTests()) {
      selfTest(test);
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private void cuda(CudaReport cuda) throws IOException {
    out.writeObjectFieldStart("cuda");
    out.writeStringField("driver", cuda.driver().orElse(""));
    out.writeStringField("minimum_driver", cuda.minimumDriver());
    out.writeArrayFieldStart("libraries");
    for (Library library : cuda.libraries()) {
      library(library);
    }
    out.writeEndArray();
    out.writeArrayFieldStart("gpus");
    for (Gpu gpu : cuda.devices()) {
      gpu(gpu);
    }
    out.writeEndArray();
    strings("problems", cuda.problems());
    out.writeEndObject();
  }

  private void library(Library library) throws IOException {
    out.writeStartObject();
    out.writeStringField("name", library.name().toLowerCase(Locale.ROOT));
    out.writeBooleanField("required", library.required());
    out.writeBooleanField("usable", library.isUsable());
    out.writeStringField("path", library.path().map(Object::toString).orElse(""));
    out.writeStringField("version", library.version());
    out.writeStringField("problem", library.problem());
    strings("notes", library.notes());
    out.writeEndObject();
  }

  private void gpu(Gpu gpu) throws IOException {
    out.writeStartObject();
    out.writeNumberField("ordinal", gpu.ordinal());
    out.writeStringField("name", gpu.name());
    out.writeStringField("compute_capability", gpu.computeCapability());
    out.writeNumberField("total_bytes", gpu.totalBytes());
    out.writeNumberField("free_bytes", gpu.freeBytes());
    out.writeNumberField("multiprocessors", gpu.multiprocessors());
    out.writeObjectFieldStart("kernels");
    for (Map.Entry<String, String> kernel : new TreeMap<>(gpu.kernels()).entrySet()) {
      out.writeStringField(kernel.getKey(), kernel.getValue());
    }
    out.writeEndObject();
    out.writeStringField("problem", gpu.problem());
    out.writeEndObject();
  }

  private void selfTest(SelfTest test) throws IOException {
    out.writeStartObject();
    out.writeStringField("device", test.device().toString());
    out.writeStringField("precision", test.precision().name().toLowerCase(Locale.ROOT));
    out.writeBooleanField("passes", test.passes());
    if (test.accuracy().isPresent()) {
      Accuracy accuracy = test.accuracy().get();
      out.writeNumberField("relative_error", accuracy.relativeError());
      out.writeNumberField("bound", accuracy.bound());
    }
    out.writeStringField("problem", test.problem());
    out.writeEndObject();
  }

  private void strings(String name, List<String> values) throws IOException {
    out.writeArrayFieldStart(name);
    for (String value : values) {
      out.writeString(value);
    }
    out.writeEndArray();
  }
}
