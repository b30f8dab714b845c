package io.voiceprint.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Tensor;
import java.lang.reflect.RecordComponent;

/** Compares networks. */
final class SameGraph {
  private SameGraph() {}

  /** Same nodes, and weights within a tolerance relative to the largest of each tensor. */
  static void assertSameGraph(Graph expected, Graph actual, double tolerance) throws Exception {
    assertEquals(expected.nodes().size(), actual.nodes().size());
    for (int i = 0; i < expected.nodes().size(); i++) {
      Node node = expected.nodes().get(i);
      assertEquals(node.getClass(), actual.nodes().get(i).getClass());
      for (RecordComponent component : node.getClass().getRecordComponents()) {
        Object a = component.getAccessor().invoke(node);
        Object b = component.getAccessor().invoke(actual.nodes().get(i));
        String what = node.name() + "." + component.getName();
        if (a instanceof Tensor tensor) {
          assertClose(tensor, (Tensor) b, tolerance, what);
        } else {
          assertEquals(a, b, what);
        }
      }
    }
  }

  private static void assertClose(Tensor a, Tensor b, double tolerance, String what) {
    assertTrue(a.hasShape(b.shape()), what);
    double largest = 0;
    for (float value : a.data()) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < a.data().length; i++) {
      assertEquals(a.data()[i], b.data()[i], tolerance * largest, what);
    }
  }
}
