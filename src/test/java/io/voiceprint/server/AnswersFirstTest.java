package io.voiceprint.server;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

/** Who does not take answers is not read from. */
class AnswersFirstTest {
  @Test
  void readsAgainWhenTheAnswersAreTaken() {
    EmbeddedChannel connection = new EmbeddedChannel(new AnswersFirst());
    assertTrue(connection.config().isAutoRead());
    byte[] answer = new byte[connection.config().getWriteBufferHighWaterMark() + 1];
    var unused = connection.write(Unpooled.wrappedBuffer(answer));
    connection.runPendingTasks();
    assertFalse(connection.config().isAutoRead());
    connection.flushOutbound();
    connection.runPendingTasks();
    assertTrue(connection.config().isAutoRead());
    connection.finishAndReleaseAll();
  }
}
