package io.voiceprint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnginesTest {
  private final List<String> closed = new ArrayList<>();

  /** Knows nothing but how to be closed. */
  private Engine engine(String name, boolean fails) {
    return (Engine)
        Proxy.newProxyInstance(
            Engine.class.getClassLoader(),
            new Class<?>[] {Engine.class},
            (proxy, method, arguments) -> {
              assertEquals("close", method.getName());
              closed.add(name);
              if (fails) {
                throw new EngineException(name);
              }
              return null;
            });
  }

  @Test
  void oneThatCannotBeClosedKeepsNoOtherOpen() {
    List<Engine> engines =
        List.of(engine("a", false), engine("b", true), engine("c", true), engine("d", false));
    var failure = assertThrows(EngineException.class, () -> Engines.closeAll(engines));
    assertEquals("b", failure.getMessage());
    assertEquals("c", failure.getSuppressed()[0].getMessage());
    assertEquals(List.of("a", "b", "c", "d"), closed);
  }
}
