package io.voiceprint.cli;

import io.voiceprint.Embedding;
import java.io.IOException;
import java.util.Locale;

/** How results look as text: what comes before, between and behind them. */
enum ResultText {
  /** One object on each line. */
  JSONL("", "", "") {
    @Override
    String success(AudioInput input, Embedding embedding) throws IOException {
      return ResultJson.success(input, embedding) + "\n";
    }

    @Override
    String failure(AudioInput input, String error, int embeddingSize) throws IOException {
      return ResultJson.failure(input, error) + "\n";
    }
  },

  /** One array of objects. */
  JSON("[\n", ",\n", "\n]\n") {
    @Override
    String success(AudioInput input, Embedding embedding) throws IOException {
      return ResultJson.success(input, embedding);
    }

    @Override
    String failure(AudioInput input, String error, int embeddingSize) throws IOException {
      return ResultJson.failure(input, error);
    }
  },

  /** A table with a header: file, seconds, e0, e1, …, error (RFC 4180, line feeds). */
  CSV("", "", "") {
    @Override
    String head(int embeddingSize) {
      StringBuilder line = new StringBuilder("file,seconds");
      for (int i = 0; i < embeddingSize; i++) {
        line.append(",e").append(i);
      }
      return line.append(",error\n").toString();
    }

    @Override
    String success(AudioInput input, Embedding embedding) {
      StringBuilder line = new StringBuilder(quoted(input.name()));
      line.append(',').append(embedding.seconds());
      for (float value : embedding.values()) {
        line.append(',').append(value);
      }
      return line.append(",\n").toString();
    }

    @Override
    String failure(AudioInput input, String error, int embeddingSize) {
      return quoted(input.name()) + ",".repeat(embeddingSize + 2) + quoted(error) + "\n";
    }

    private static String quoted(String field) {
      boolean plain = field.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
      return plain ? field : '"' + field.replace("\"", "\"\"") + '"';
    }
  };

  private final String head;
  private final String separator;
  private final String tail;

  ResultText(String head, String separator, String tail) {
    this.head = head;
    this.separator = separator;
    this.tail = tail;
  }

  /** Before the first result. */
  String head(int embeddingSize) {
    return head;
  }

  /** Between two results. */
  String separator() {
    return separator;
  }

  /** Behind the last result. */
  String tail() {
    return tail;
  }

  abstract String success(AudioInput input, Embedding embedding) throws IOException;

  abstract String failure(AudioInput input, String error, int embeddingSize) throws IOException;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
