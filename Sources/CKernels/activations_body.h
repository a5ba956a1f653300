// Activations over matrices: included once for each precision, after activation_functions.h and tiles.h.

EMC_KERNEL void NAME(bias_activation)(
    int kind, size_t rows, size_t columns, const REAL *bias, REAL *z, REAL *a) {
  if (bias == NULL) {
    const size_t count = rows * columns;
#undef LOOP
#define LOOP(KIND) EMC_IN_PLACE for (size_t i = 0; i < count; i++) a[i] = NAME(activation)(KIND, z[i]);
    FOR_EACH_ACTIVATION(LOOP)
    return;
  }
  REAL tile[TILE];
  const size_t together = NAME(rows_together)(rows, columns);
  const size_t width = together * columns;
  const REAL *b = bias;
  if (together > 1) {
    for (size_t i = 0; i < width; i++) tile[i] = bias[i % columns];
    b = tile;
  }
  const int in_place = z == a;
  for (size_t start = 0; start < rows * columns; start += width) {
    const size_t left = rows * columns - start;
    const size_t count = left < width ? left : width;
    REAL *zs = z + start, *as = a + start;
#undef LOOP
#define LOOP(KIND)                                                                        \
  if (in_place) {                                                                         \
    EMC_IN_PLACE                                                                          \
    for (size_t i = 0; i < count; i++) zs[i] = NAME(activation)(KIND, zs[i] + b[i]);      \
  } else {                                                                                \
    for (size_t i = 0; i < count; i++) {                                                  \
      const REAL sum = zs[i] + b[i];                                                      \
      zs[i] = sum;                                                                        \
      as[i] = NAME(activation)(KIND, sum);                                                \
    }                                                                                     \
  }
    FOR_EACH_ACTIVATION(LOOP)
  }
}

EMC_KERNEL void NAME(bias_activation_slope)(
    int kind, size_t rows, size_t columns, const REAL *restrict bias, REAL *restrict z, REAL *restrict a) {
  REAL tile[TILE];
  for (size_t first = 0; first < columns; first += TILE) {
    const size_t width = NAME(tile_width)(1, columns, first);
    for (size_t i = 0; i < width; i++) tile[i] = bias == NULL ? (REAL)0 : bias[first + i];
    for (size_t r = 0; r < rows; r++) {
      REAL *zs = z + r * columns + first, *as = a + r * columns + first;
#undef LOOP
#define LOOP(KIND)                                            \
  for (size_t i = 0; i < width; i++) {                        \
    const REAL sum = zs[i] + tile[i];                         \
    as[i] = NAME(activation)(KIND, sum);                      \
    zs[i] = NAME(slope)(KIND, sum);                           \
  }
      FOR_EACH_ACTIVATION(LOOP)
    }
  }
}

EMC_KERNEL void NAME(activation_backward)(
    int kind, size_t rows, size_t columns, const REAL *restrict saved, REAL *restrict d, REAL beta,
    REAL *restrict bias_gradient) {
  if (bias_gradient == NULL) {
    const size_t count = rows * columns;
#undef LOOP
#define LOOP(KIND) for (size_t i = 0; i < count; i++) d[i] *= NAME(derivative)(KIND, saved[i]);
    FOR_EACH_ACTIVATION(LOOP)
    return;
  }
  if (beta == (REAL)0)
    for (size_t c = 0; c < columns; c++) bias_gradient[c] = 0;
  else if (beta != (REAL)1)
    for (size_t c = 0; c < columns; c++) bias_gradient[c] *= beta;
  REAL tile[TILE] = {0};
  const size_t together = NAME(rows_together)(rows, columns);
  const size_t width = together * columns;
  REAL *sums = together > 1 ? tile : bias_gradient;
  for (size_t start = 0; start < rows * columns; start += width) {
    const size_t left = rows * columns - start;
    const size_t count = left < width ? left : width;
    const REAL *ss = saved + start;
    REAL *ds = d + start;
#undef LOOP
#define LOOP(KIND)                                                       \
  for (size_t i = 0; i < count; i++) {                                   \
    const REAL product = ds[i] * NAME(derivative)(KIND, ss[i]);          \
    ds[i] = product;                                                     \
    sums[i] += product;                                                  \
  }
    FOR_EACH_ACTIVATION(LOOP)
  }
  if (together > 1)
    for (size_t k = 0; k < together; k++)
      for (size_t c = 0; c < columns; c++) bias_gradient[c] += tile[k * columns + c];
}

EMC_KERNEL void NAME(activation_tangent)(
    int kind, size_t count, const REAL *restrict saved, REAL *restrict t) {
#undef LOOP
#define LOOP(KIND) for (size_t i = 0; i < count; i++) t[i] *= NAME(derivative)(KIND, saved[i]);
  FOR_EACH_ACTIVATION(LOOP)
}

EMC_KERNEL void NAME(activation_backward_tangent)(
    int kind, size_t count, const REAL *restrict saved, const REAL *restrict t, REAL *restrict d,
    REAL *restrict u) {
#undef LOOP
#define LOOP(KIND)                                                                       \
  for (size_t i = 0; i < count; i++) {                                                   \
    const REAL slope = NAME(derivative)(KIND, saved[i]);                                 \
    u[i] = u[i] * slope + d[i] * NAME(second_derivative)(KIND, saved[i]) * t[i];         \
    d[i] *= slope;                                                                       \
  }
  FOR_EACH_ACTIVATION(LOOP)
}

EMC_KERNEL void NAME(smooth_kink)(REAL leak, REAL width, size_t count, const REAL *z, REAL *a) {
  const REAL square = width * width;
  EMC_IN_PLACE
  for (size_t i = 0; i < count; i++) {
    const REAL v = z[i];
    const REAL root = ROOT(v * v + square);
    // (v + root) / 2, without the cancellation that it has below zero.
    const REAL part = (REAL)0.5 * (v > (REAL)0 ? root + v : square / (root - v));
    a[i] = leak * v + ((REAL)1 - leak) * part;
  }
}

EMC_KERNEL void NAME(smooth_kink_backward)(
    REAL leak, REAL width, size_t count, const REAL *restrict a, REAL *restrict d) {
  const REAL square = width * width;
  if (leak == (REAL)0) {
    // a (a - z) = width^2 / 4 and root = a + width^2 / (4 a).
    for (size_t i = 0; i < count; i++) {
      const REAL s = a[i] * a[i];
      d[i] *= s / (s + (REAL)0.25 * square);
    }
    return;
  }
  // a = p z + q root, solved for z.
  const REAL p = (REAL)0.5 * ((REAL)1 + leak), q = (REAL)0.5 * ((REAL)1 - leak);
  for (size_t i = 0; i < count; i++) {
    const REAL v = (a[i] * p - q * ROOT(a[i] * a[i] + leak * square)) / leak;
    d[i] *= p + q * v / ROOT(v * v + square);
  }
}
