// Softmax and cross-entropy: included once for each precision.

/// Rows whose exponentials are taken together: short rows would leave the vectors empty.
#undef CHUNK
#define CHUNK 2048

EMC_INLINE REAL NAME(row_sum)(size_t columns, const REAL *x) {
  REAL lanes[8] = {0};
  size_t c = 0;
  for (; c + 8 <= columns; c += 8)
    for (int j = 0; j < 8; j++) lanes[j] += x[c + j];
  for (int j = 0; c < columns; c++, j++) lanes[j] += x[c];
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

/// Eight largest side by side: the maximum is the same in any order.
EMC_INLINE REAL NAME(row_largest)(size_t columns, const REAL *x) {
  REAL largest = x[0];
  size_t c = 1;
  if (columns >= 16) {
    REAL lanes[8];
    for (int j = 0; j < 8; j++) lanes[j] = x[j];
    for (c = 8; c + 8 <= columns; c += 8)
      for (int j = 0; j < 8; j++) lanes[j] = x[c + j] > lanes[j] ? x[c + j] : lanes[j];
    for (int j = 0; j < 8; j++) largest = lanes[j] > largest ? lanes[j] : largest;
  }
  for (; c < columns; c++) largest = x[c] > largest ? x[c] : largest;
  return largest;
}

/// p = exp(scale·(x − largest of the row)) for whole rows, and each row's sum.
EMC_INLINE void NAME(shifted_exponentials)(
    size_t rows, size_t columns, REAL scale, const REAL *x, REAL *p) {
  // In place only where x and p are one; the shift then reads each element before it writes it.
  for (size_t r = 0; r < rows; r++) {
    const REAL *xs = x + r * columns;
    REAL *ps = p + r * columns;
    const REAL largest = NAME(row_largest)(columns, xs);
    EMC_IN_PLACE
    for (size_t c = 0; c < columns; c++) ps[c] = scale * (xs[c] - largest);
  }
  const size_t count = rows * columns;
  for (size_t i = 0; i < count; i++) p[i] = NAME(exp1)(p[i]);
}

EMC_INLINE size_t NAME(rows_a_chunk)(size_t columns) {
  return columns >= CHUNK ? 1 : CHUNK / columns;
}

/// Turns one row's exponentials into d = scale·(p − target), and p itself where it is asked for; ‖p − target‖².
EMC_INLINE REAL NAME(row_residual)(
    size_t columns, size_t own, REAL inverse, REAL smoothing, REAL scale, const REAL *exponentials, REAL *p,
    REAL *d) {
  const REAL floor = smoothing / (REAL)columns;
  const REAL own_residual = exponentials[own] * inverse - floor - ((REAL)1 - smoothing);
  const REAL others = exponentials[own] * inverse - floor;
  REAL squares = 0;
  for (size_t c = 0; c < columns; c++) {
    const REAL probability = exponentials[c] * inverse;
    const REAL residual = probability - floor;
    squares += residual * residual;
    if (p != NULL) p[c] = probability;
    if (d != NULL) d[c] = scale * residual;
  }
  if (d != NULL) d[own] = scale * own_residual;
  return squares - others * others + own_residual * own_residual;
}

EMC_KERNEL emc_loss_summary NAME(softmax_cross_entropy)(
    size_t rows, size_t columns, const REAL *logits, const int32_t *labels, REAL smoothing, REAL scale,
    REAL *p, REAL *d) {
  emc_loss_summary summary = {0, 0, 0};
  REAL *exponentials = p != NULL ? p : d;
  const size_t together = NAME(rows_a_chunk)(columns);
  for (size_t start = 0; start < rows; start += together) {
    const size_t left = rows - start;
    const size_t chunk = left < together ? left : together;
    NAME(shifted_exponentials)(
        chunk, columns, (REAL)1, logits + start * columns, exponentials + start * columns);
    for (size_t r = start; r < start + chunk; r++) {
      const REAL *xs = logits + r * columns;
      REAL *es = exponentials + r * columns;
      const size_t own = (size_t)labels[r];
      const REAL largest = NAME(row_largest)(columns, xs);
      size_t not_below = 0;
      for (size_t c = 0; c < columns; c++) not_below += !(xs[c] < xs[own]);
      summary.correct += not_below == 1 && xs[own] == xs[own];
      const REAL total = NAME(row_sum)(columns, es);
      const double log_total = emc_portable_log((double)total);
      double loss = (1 - (double)smoothing) * (log_total - ((double)xs[own] - (double)largest));
      if (smoothing != (REAL)0) {
        double mean = 0;
        for (size_t c = 0; c < columns; c++) mean += (double)xs[c] - (double)largest;
        loss += (double)smoothing * (log_total - mean / (double)columns);
      }
      summary.loss += loss;
      const REAL squares = NAME(row_residual)(
          columns, own, (REAL)1 / total, smoothing, scale, es, p != NULL ? es : NULL,
          d != NULL ? d + r * columns : NULL);
      summary.residual += squares > (REAL)0 ? sqrt((double)squares) : (double)(squares - squares);
    }
  }
  return summary;
}

EMC_KERNEL void NAME(softmax)(size_t rows, size_t columns, REAL scale, const REAL *x, REAL *p) {
  const size_t together = NAME(rows_a_chunk)(columns);
  for (size_t start = 0; start < rows; start += together) {
    const size_t left = rows - start;
    const size_t chunk = left < together ? left : together;
    NAME(shifted_exponentials)(chunk, columns, scale, x + start * columns, p + start * columns);
    for (size_t r = start; r < start + chunk; r++) {
      REAL *ps = p + r * columns;
      const REAL inverse = (REAL)1 / NAME(row_sum)(columns, ps);
      for (size_t c = 0; c < columns; c++) ps[c] *= inverse;
    }
  }
}

EMC_KERNEL void NAME(softmax_product)(
    size_t rows, size_t columns, REAL scale, const REAL *restrict p, const REAL *v, REAL *y) {
  for (size_t r = 0; r < rows; r++, p += columns, v += columns, y += columns) {
    REAL lanes[8] = {0};
    size_t c = 0;
    for (; c + 8 <= columns; c += 8)
      for (int j = 0; j < 8; j++) lanes[j] += p[c + j] * v[c + j];
    for (int j = 0; c < columns; c++, j++) lanes[j] += p[c] * v[c];
    const REAL mean =
        ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
    EMC_IN_PLACE
    for (c = 0; c < columns; c++) y[c] = scale * p[c] * (v[c] - mean);
  }
}
