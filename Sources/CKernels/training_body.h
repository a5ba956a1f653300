// What only training needs: included once for each precision.

EMC_KERNEL void NAME(update_adagrad)(
    size_t count, REAL rate, const REAL *restrict g, REAL *restrict s, REAL *restrict x) {
  for (size_t i = 0; i < count; i++) {
    const REAL sum = s[i] + g[i] * g[i];
    s[i] = sum;
    x[i] -= rate * (g[i] / ROOT(sum));
  }
}

EMC_KERNEL double NAME(sum_of_magnitudes)(size_t count, const REAL *x) {
  double lanes[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES)
    for (int j = 0; j < LANES; j++) {
      const double a = (double)x[i + j];
      lanes[j] += a < 0 ? -a : a;
    }
  for (int j = 0; i < count; i++, j++) {
    const double a = (double)x[i];
    lanes[j] += a < 0 ? -a : a;
  }
  for (int width = LANES / 2; width > 0; width /= 2)
    for (int j = 0; j < width; j++) lanes[j] += lanes[j + width];
  return lanes[0];
}

/// The product is rounded to an integer by adding and subtracting 1.5 · 2^(bits of the mantissa).
EMC_KERNEL void NAME(quantize)(
    size_t count, REAL scale, REAL inverse, const REAL *restrict x, REAL *restrict y) {
  const REAL rounder = (REAL)ROUNDER;
  for (size_t i = 0; i < count; i++) {
    const REAL level = (x[i] * inverse + rounder) - rounder;
    y[i] = scale * level;
  }
}

EMC_KERNEL void NAME(binarize)(size_t count, REAL scale, const REAL *restrict x, REAL *restrict y) {
  for (size_t i = 0; i < count; i++) y[i] = x[i] >= 0 ? scale : -scale;
}

/// Butterflies of growing span: log₂(count) passes.
EMC_KERNEL void NAME(hadamard)(size_t count, REAL *x) {
  for (size_t half = 1; half < count; half *= 2)
    for (size_t start = 0; start < count; start += 2 * half) {
      REAL *restrict low = x + start;
      REAL *restrict high = x + start + half;
      for (size_t i = 0; i < half; i++) {
        const REAL a = low[i], b = high[i];
        low[i] = a + b;
        high[i] = a - b;
      }
    }
}

void NAME(gather)(size_t count, const REAL *restrict x, const int32_t *restrict indices, REAL *restrict y) {
  for (size_t i = 0; i < count; i++) y[i] = x[indices[i]];
}

void NAME(scatter)(size_t count, const REAL *restrict x, const int32_t *restrict indices, REAL *restrict y) {
  for (size_t i = 0; i < count; i++) y[indices[i]] = x[i];
}

EMC_KERNEL void NAME(widen)(size_t count, const REAL *restrict x, double *restrict y) {
  for (size_t i = 0; i < count; i++) y[i] = (double)x[i];
}

EMC_KERNEL void NAME(narrow)(size_t count, const double *restrict x, REAL *restrict y) {
  for (size_t i = 0; i < count; i++) y[i] = (REAL)x[i];
}
