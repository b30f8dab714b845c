package io.voiceprint.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Runs many command lines in one process, which a test starts with a small heap. Each line of the
 * script holds a command's arguments, separated by tabs; what came of it is written as a line of
 * JSON.
 */
final class BadFilesProgram {
  private BadFilesProgram() {}

  /** Arguments: the script, the file for the results. */
  public static void main(String[] args) throws IOException {
    List<String> script = Files.readAllLines(Path.of(args[0]));
    try (JsonGenerator json =
        new JsonFactory()
            .setRootValueSeparator("\n")
            .createGenerator(Files.newBufferedWriter(Path.of(args[1]), StandardCharsets.UTF_8))) {
      for (String command : script) {
        CliRun run = CliRun.of((Object[]) command.split("\t", -1));
        json.writeStartObject();
        json.writeNumberField("exitCode", run.exitCode());
        json.writeStringField("out", run.out());
        json.writeStringField("err", run.err());
        json.writeEndObject();
      }
    }
  }
}
