// Vectors: included once for each precision.

/// Elements summed side by side in a reduction: enough for the widest vectors, fixed so that every variant adds
/// in the same order.
#undef LANES
#define LANES 16

EMC_KERNEL void NAME(fill)(size_t count, REAL value, REAL *y) {
  for (size_t i = 0; i < count; i++) y[i] = value;
}

EMC_KERNEL void NAME(scale)(size_t count, REAL a, const REAL *x, REAL *y) {
  EMC_IN_PLACE
  for (size_t i = 0; i < count; i++) y[i] = a * x[i];
}

EMC_KERNEL void NAME(add_scaled)(size_t count, REAL a, const REAL *restrict x, REAL *restrict y) {
  for (size_t i = 0; i < count; i++) y[i] += a * x[i];
}

EMC_KERNEL void NAME(add)(size_t count, const REAL *x, const REAL *y, REAL *z) {
  EMC_IN_PLACE
  for (size_t i = 0; i < count; i++) z[i] = x[i] + y[i];
}

EMC_KERNEL void NAME(subtract)(size_t count, const REAL *x, const REAL *y, REAL *z) {
  EMC_IN_PLACE
  for (size_t i = 0; i < count; i++) z[i] = x[i] - y[i];
}

EMC_KERNEL void NAME(multiply)(size_t count, const REAL *x, const REAL *y, REAL *z) {
  EMC_IN_PLACE
  for (size_t i = 0; i < count; i++) z[i] = x[i] * y[i];
}

EMC_KERNEL void NAME(add_product)(
    size_t count, const REAL *restrict x, const REAL *restrict y, REAL *restrict z) {
  for (size_t i = 0; i < count; i++) z[i] += x[i] * y[i];
}

EMC_KERNEL void NAME(combine)(
    size_t count, REAL a, const REAL *x, REAL b, const REAL *y, REAL *z) {
  EMC_IN_PLACE
  for (size_t i = 0; i < count; i++) z[i] = a * x[i] + b * y[i];
}

/// The lanes' sum, halves folded onto each other.
EMC_INLINE double NAME(fold)(double *lanes) {
  for (int width = LANES / 2; width > 0; width /= 2)
    for (int j = 0; j < width; j++) lanes[j] += lanes[j + width];
  return lanes[0];
}

EMC_KERNEL double NAME(sum)(size_t count, const REAL *x) {
  double lanes[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES)
    for (int j = 0; j < LANES; j++) lanes[j] += (double)x[i + j];
  for (int j = 0; i < count; i++, j++) lanes[j] += (double)x[i];
  return NAME(fold)(lanes);
}

EMC_KERNEL double NAME(dot)(size_t count, const REAL *x, const REAL *y) {
  double lanes[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES)
    for (int j = 0; j < LANES; j++) lanes[j] += (double)x[i + j] * (double)y[i + j];
  for (int j = 0; i < count; i++, j++) lanes[j] += (double)x[i] * (double)y[i];
  return NAME(fold)(lanes);
}

EMC_KERNEL double NAME(squared_distance)(size_t count, const REAL *x, const REAL *y) {
  double lanes[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES)
    for (int j = 0; j < LANES; j++) {
      const double d = (double)x[i + j] - (double)y[i + j];
      lanes[j] += d * d;
    }
  for (int j = 0; i < count; i++, j++) {
    const double d = (double)x[i] - (double)y[i];
    lanes[j] += d * d;
  }
  return NAME(fold)(lanes);
}

EMC_KERNEL REAL NAME(largest_magnitude)(size_t count, const REAL *x) {
  REAL lanes[LANES] = {0};
  WORD undefined = 0;
  size_t i = 0;
  for (; i + LANES <= count; i += LANES)
    for (int j = 0; j < LANES; j++) {
      const REAL a = NAME(magnitude)(x[i + j]);
      lanes[j] = a > lanes[j] ? a : lanes[j];
      undefined |= a != a;
    }
  for (; i < count; i++) {
    const REAL a = NAME(magnitude)(x[i]);
    lanes[0] = a > lanes[0] ? a : lanes[0];
    undefined |= a != a;
  }
  REAL largest = 0;
  for (int j = 0; j < LANES; j++) largest = lanes[j] > largest ? lanes[j] : largest;
  return undefined ? (REAL)NAN : largest;
}

EMC_KERNEL int NAME(is_finite)(size_t count, const REAL *x) {
  WORD faults = 0;
  for (size_t i = 0; i < count; i++) {
    const REAL zero = x[i] - x[i];
    faults |= zero != zero;
  }
  return faults == 0;
}

EMC_KERNEL void NAME(exp)(size_t count, const REAL *x, REAL *y) {
  EMC_IN_PLACE
  for (size_t i = 0; i < count; i++) y[i] = NAME(exp1)(x[i]);
}

EMC_KERNEL void NAME(tanh)(size_t count, const REAL *x, REAL *y) {
  EMC_IN_PLACE
  for (size_t i = 0; i < count; i++) y[i] = NAME(tanh1)(x[i]);
}

EMC_KERNEL void NAME(erf)(size_t count, const REAL *x, REAL *y) {
  EMC_IN_PLACE
  for (size_t i = 0; i < count; i++) y[i] = NAME(erf1)(x[i]);
}
