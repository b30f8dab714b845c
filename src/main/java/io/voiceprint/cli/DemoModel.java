package io.voiceprint.cli;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The model that serves where none is named. */
final class DemoModel {
  private static final Path PLACE = Path.of("weights", "demo", "eres2net_demo.safetensors");

  private DemoModel() {}

  /**
   * Finds it: below the folder that the launcher names in the system property {@code
   * voiceprint.home}, or else below the folder that holds the jar's folder.
   *
   * @throws CommandFailure if it is not there
   */
  static Path locate(Terminal terminal) {
    String named = System.getProperty("voiceprint.home");
    Path home = named == null ? besideProgram() : Path.of(named);
    Path model = home.resolve(PLACE);
    if (!Files.isRegularFile(model)) {
      throw CommandFailure.unusable(
          "no --model given, and the demo model is not at %s; name a model with --model"
              .formatted(model));
    }
    terminal.notice(
        "using the demo model, which is not fit for production; name another with --model");
    return model;
  }

  /** Both {@code target/voiceprint-….jar} and {@code target/classes} lie two steps below. */
  private static Path besideProgram() {
    try {
      return Path.of(DemoModel.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .getParent()
          .getParent();
    } catch (URISyntaxException e) {
      throw CommandFailure.unusable("no --model given; name a model with --model");
    }
  }
}
