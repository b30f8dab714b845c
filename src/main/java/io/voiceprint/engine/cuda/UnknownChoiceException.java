package io.voiceprint.engine.cuda;

import io.voiceprint.engine.EngineException;
import java.util.List;

/** A tuning names an implementation that a layer does not have, on this card or any more. */
final class UnknownChoiceException extends EngineException {
  private static final long serialVersionUID = 1L;

  /**
   * @param node that should be computed so
   * @param choice what the tuning names
   * @param layer the name in the tuning
   * @param possible what it may name
   */
  UnknownChoiceException(String node, String choice, String layer, List<String> possible) {
    super(
        "%s: the tuning names \"%s\" for \"%s\", which this device does not have: %s; tune again"
            .formatted(node, choice, layer, possible));
  }
}
