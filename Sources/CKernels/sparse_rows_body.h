// How rows differ from the row of what most of each column are: included once for each precision.

/// Boyer and Moore's vote (MJRTY, 1991): what is more than half of a column is what is left.
EMC_KERNEL static void NAME(vote)(
    size_t rows, size_t columns, const REAL *restrict x, int32_t *restrict votes, REAL *restrict candidates) {
  for (size_t i = 0; i < rows; i++)
    for (size_t c = 0; c < columns; c++) {
      const REAL value = x[i * columns + c];
      const int isEmpty = votes[c] == 0;
      const int isSame = (value == candidates[c]) | isEmpty;
      candidates[c] = isEmpty ? value : candidates[c];
      votes[c] += isSame ? 1 : -1;
    }
}

EMC_KERNEL static void NAME(count_same)(
    size_t rows, size_t columns, const REAL *restrict x, const REAL *restrict candidates, int32_t *restrict counts) {
  for (size_t i = 0; i < rows; i++)
    for (size_t c = 0; c < columns; c++) counts[c] += x[i * columns + c] == candidates[c];
}

size_t NAME(find_background)(size_t rows, size_t columns, const REAL *x, int32_t *counts, REAL *background) {
  memset(counts, 0, 2 * columns * sizeof *counts);
  memset(background, 0, columns * sizeof *background);
  NAME(vote)(rows, columns, x, counts, background);
  memset(counts, 0, columns * sizeof *counts);
  NAME(count_same)(rows, columns, x, background, counts);
  // Where no value is more than half of a column the vote's winner may be any; what is most of another is often much of this.
  size_t clearest = 0;
  for (size_t c = 1; c < columns; c++)
    if (counts[c] > counts[clearest]) clearest = c;
  const REAL common = background[clearest];
  int32_t *common_counts = counts + columns;
  for (size_t i = 0; i < rows; i++)
    for (size_t c = 0; c < columns; c++) common_counts[c] += x[i * columns + c] == common;
  size_t others = 0;
  for (size_t c = 0; c < columns; c++) {
    if (common_counts[c] > counts[c]) background[c] = common;
    others += rows - (size_t)(common_counts[c] > counts[c] ? common_counts[c] : counts[c]);
  }
  return others;
}

void NAME(fill_sparse)(
    size_t rows, size_t columns, size_t block, const REAL *x, const REAL *background, uint32_t *starts, uint16_t *places,
    REAL *values) {
  uint32_t next = 0;
  for (size_t i = 0; i < rows; i++, x += columns)
    for (size_t from = 0; from < columns; from += block) {
      *starts++ = next;
      const size_t end = columns - from < block ? columns : from + block;
      for (size_t c = from; c < end; c++)
        if (x[c] != background[c]) {
          places[next] = (uint16_t)(c - from);
          values[next++] = x[c] - background[c];
        }
    }
  *starts = next;
}
