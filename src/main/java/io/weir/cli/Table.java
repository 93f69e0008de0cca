package io.weir.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Text in columns. What is added is printed by {@link #flush}, so a long table may be printed in
 * parts; a column becomes no narrower on the way.
 */
final class Table {

  private static final String GAP = "  ";

  private final PrintWriter out;
  private final List<Column> columns;
  private final int[] widths;
  private final List<List<String>> rows = new ArrayList<>();
  private boolean isEmpty = true;

  /**
   * A column.
   *
   * @param title above it
   * @param alignsRight as numbers do
   */
  record Column(String title, boolean alignsRight) {

    static Column text(String title) {
      return new Column(title, false);
    }

    static Column number(String title) {
      return new Column(title, true);
    }
  }

  /** A table that begins with its titles. */
  Table(PrintWriter out, List<Column> columns) {
    this.out = out;
    this.columns = List.copyOf(columns);
    this.widths = new int[columns.size()];
    put(columns.stream().map(Column::title).toArray(String[]::new));
  }

  /** One more row, with a cell for each column. */
  void add(String... cells) {
    isEmpty = false;
    put(cells);
  }

  private void put(String... cells) {
    rows.add(Arrays.asList(cells));
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(widths[i], cells[i].length());
    }
  }

  /** Prints what was added since the last time. A table without rows has no titles either. */
  void flush() {
    if (isEmpty) {
      return;
    }
    rows.forEach(row -> out.println(line(row)));
    rows.clear();
    out.flush();
  }

  private String line(List<String> row) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String padding = " ".repeat(widths[i] - row.get(i).length());
      line.append(i == 0 ? "" : GAP);
      line.append(columns.get(i).alignsRight() ? padding + row.get(i) : row.get(i) + padding);
    }
    return line.toString().stripTrailing();
  }
}
