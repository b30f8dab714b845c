package io.voiceprint.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** The model that serves where none is named. */
final class DemoModel {
  private static final Path FOLDER = Path.of("weights", "demo");

  private DemoModel() {}

  /** Where it is, below the program's folder; need not be there. */
  static Path file() {
    return folder().resolve("eres2net_demo.safetensors");
  }

  /**
   * Finds it.
   *
   * @throws CommandFailure if it is not there
   */
  static Path locate(Terminal terminal) {
    Path model = file();
    if (!Files.isRegularFile(model)) {
      throw CommandFailure.unusable(
          "no --model given, and the demo model is not at %s; name a model with --model"
              .formatted(model));
    }
    terminal.notice(
        "using the demo model, which is not fit for production; name another with --model");
    return model;
  }

  /** A clip that is shipped with it; need not be there. */
  static Path sample() {
    return folder().resolve("samples").resolve("voice_a_1.wav");
  }

  private static Path folder() {
    return ProgramHome.find().resolve(FOLDER);
  }
}
