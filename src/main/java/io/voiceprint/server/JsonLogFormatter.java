package io.voiceprint.server;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** One JSON object a line; a record's first parameter may be a map of further fields. */
final class JsonLogFormatter extends Formatter {
  /** What the names of this program's loggers begin with. */
  private static final String OWN = "io.voiceprint";

  @Override
  public String format(LogRecord entry) {
    byte[] line =
        JsonBody.of(
            json -> {
              json.writeStartObject();
              json.writeStringField("time", entry.getInstant().toString());
              json.writeStringField("level", entry.getLevel().getName());
              json.writeStringField("logger", String.valueOf(entry.getLoggerName()));
              Object[] parameters = entry.getParameters();
              if (parameters != null
                  && parameters.length == 1
                  && parameters[0] instanceof Map<?, ?> fields) {
                json.writeStringField("message", entry.getMessage());
                write(json, fields);
              } else {
                json.writeStringField("message", formatMessage(entry));
              }
              if (entry.getThrown() != null) {
                json.writeStringField("error", entry.getThrown().toString());
                if (isOwn(entry)) {
                  json.writeStringField("stack", stack(entry.getThrown()));
                }
              }
              json.writeEndObject();
            });
    return new String(line, StandardCharsets.UTF_8) + "\n";
  }

  /** Libraries tell of every client that breaks HTTP; where in them that was seen helps nobody. */
  private static boolean isOwn(LogRecord entry) {
    return String.valueOf(entry.getLoggerName()).startsWith(OWN);
  }

  private static String stack(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private static void write(JsonGenerator json, Map<?, ?> fields) throws IOException {
    for (Map.Entry<?, ?> field : fields.entrySet()) {
      json.writeFieldName(String.valueOf(field.getKey()));
      if (field.getValue() instanceof Integer number) {
        json.writeNumber(number);
      } else if (field.getValue() instanceof Long number) {
        json.writeNumber(number);
      } else if (field.getValue() instanceof Double number) {
        json.writeNumber(number);
      } else {
        json.writeString(String.valueOf(field.getValue()));
      }
    }
  }
}
