package io.voiceprint.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A table of HTML under construction. Columns that are empty in all rows are left out. */
final class Table {
  private static final String RATIO = "×";

  private final List<String> heads;
  private final List<String[]> rows = new ArrayList<>();
  private int firstNumber = Integer.MAX_VALUE;

  Table(String... heads) {
    this.heads = List.of(heads);
  }

  /** The columns from here on hold numbers. */
  void numbersFrom(int column) {
    firstNumber = column;
  }

  /** A cell that says whether it is below 1, which is good. */
  static String ratio(double value) {
    return String.format(Locale.ROOT, "%.2f%s", value, RATIO);
  }

  void row(String... cells) {
    rows.add(cells);
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  @Override
  public String toString() {
    Markup markup = new Markup();
    markup.open("div", "class", "scroll").open("table").open("thead").open("tr");
    for (int i = 0; i < heads.size(); i++) {
      if (isUsed(i)) {
        markup.element("th", heads.get(i), "scope", "col", "class", style(i, ""));
      }
    }
    markup.close("tr").close("thead").open("tbody");
    for (String[] row : rows) {
      markup.open("tr");
      for (int i = 0; i < row.length; i++) {
        if (isUsed(i)) {
          markup.element("td", row[i], "class", style(i, row[i]));
        }
      }
      markup.close("tr");
    }
    return markup.close("tbody").close("table").close("div").toString();
  }

  private boolean isUsed(int column) {
    return rows.stream().anyMatch(row -> !row[column].isEmpty());
  }

  private String style(int column, String cell) {
    if (column < firstNumber) {
      return "name";
    }
    if (!heads.get(column).equals("ratio") || !cell.endsWith(RATIO)) {
      return "number";
    }
    double ratio = Double.parseDouble(cell.substring(0, cell.length() - RATIO.length()));
    return ratio < 1 ? "number better" : ratio > 1 ? "number worse" : "number";
  }
}
