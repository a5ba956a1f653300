// Pooling's and squeeze-and-excitation's broadcasts, and attention's second derivative: once for each precision.

EMC_KERNEL void NAME(spread_rows)(
    size_t rows, size_t columns, REAL a, const REAL *restrict v, REAL keep, REAL *restrict y) {
  for (size_t r = 0; r < rows; r++, y += columns) {
    if (keep == (REAL)0)
      for (size_t c = 0; c < columns; c++) y[c] = a * v[c];
    else
      for (size_t c = 0; c < columns; c++) y[c] = keep * y[c] + a * v[c];
  }
}

EMC_KERNEL void NAME(scale_columns)(
    size_t rows, size_t columns, const REAL *s, const REAL *x, REAL keep, REAL *y) {
  for (size_t r = 0; r < rows; r++, x += columns, y += columns) {
    if (keep == (REAL)0) {
      EMC_IN_PLACE
      for (size_t c = 0; c < columns; c++) y[c] = s[c] * x[c];
    } else {
      EMC_IN_PLACE
      for (size_t c = 0; c < columns; c++) y[c] = keep * y[c] + s[c] * x[c];
    }
  }
}

EMC_KERNEL void NAME(cut_patches)(
    size_t images, size_t height, size_t width, size_t channels, size_t patch, const REAL *restrict x,
    REAL *restrict y) {
  const size_t run = patch * channels;
  for (size_t n = 0; n < images; n++, x += height * width * channels) {
    for (size_t i = 0; i < patch * run; i++) y[i] = 0;
    y += patch * run;
    for (size_t py = 0; py + patch <= height; py += patch)
      for (size_t px = 0; px + patch <= width; px += patch)
        for (size_t ky = 0; ky < patch; ky++, y += run) {
          const REAL *row = x + ((py + ky) * width + px) * channels;
          for (size_t i = 0; i < run; i++) y[i] = row[i];
        }
  }
}

EMC_KERNEL void NAME(softmax_product_tangent)(
    size_t rows, size_t columns, REAL scale, const REAL *p, const REAL *tp, const REAL *v, const REAL *tv,
    REAL *y) {
  for (size_t r = 0; r < rows;
       r++, p += columns, tp += columns, v += columns, tv += columns, y += columns) {
    REAL mean = 0, tangent = 0;
    for (size_t c = 0; c < columns; c++) {
      mean += p[c] * v[c];
      tangent += tp[c] * v[c] + p[c] * tv[c];
    }
    for (size_t c = 0; c < columns; c++) y[c] = scale * (tp[c] * (v[c] - mean) + p[c] * (tv[c] - tangent));
  }
}
