// Activations σ: included once for each precision.
//
// `saved` is z for silu and gelu and a = σ(z) for the others, whose derivatives follow from a alone.

#undef TILE
#define TILE 256
#undef LEAK
#define LEAK ((REAL)0.01)
#undef INVERSE_ROOT_TAU
#define INVERSE_ROOT_TAU ((REAL)0.39894228040143267794)

EMC_INLINE REAL NAME(activation)(int kind, REAL z) {
  REAL e;
  switch (kind) {
    case EMC_RELU: return z > (REAL)0 ? z : (z != z ? z : (REAL)0);
    case EMC_LEAKY_RELU: return z > (REAL)0 ? z : LEAK * z;
    case EMC_ELU: {
      const REAL m = NAME(expm1_1)(z > (REAL)0 ? (REAL)0 : z);
      return z > (REAL)0 ? z : m;
    }
    case EMC_SILU: return z * NAME(sigmoid1)(z);
    case EMC_GELU: return z * NAME(normal1)(z, &e);
    case EMC_TANH: return NAME(tanh1)(z);
    case EMC_SIGMOID: return NAME(sigmoid1)(z);
    default: return z;
  }
}

EMC_INLINE REAL NAME(derivative)(int kind, REAL saved) {
  switch (kind) {
    case EMC_RELU: return saved > (REAL)0 ? (REAL)1 : (REAL)0;
    case EMC_LEAKY_RELU: return saved > (REAL)0 ? (REAL)1 : LEAK;
    case EMC_ELU: return saved > (REAL)0 ? (REAL)1 : saved + (REAL)1;
    case EMC_SILU: {
      const REAL s = NAME(sigmoid1)(saved);
      return s * ((REAL)1 + saved * ((REAL)1 - s));
    }
    case EMC_GELU: {
      REAL e;
      const REAL p = NAME(normal1)(saved, &e);
      return p + saved * e * INVERSE_ROOT_TAU;
    }
    case EMC_TANH: return (REAL)1 - saved * saved;
    case EMC_SIGMOID: return saved * ((REAL)1 - saved);
    default: return (REAL)1;
  }
}

EMC_INLINE REAL NAME(second_derivative)(int kind, REAL saved) {
  switch (kind) {
    case EMC_ELU: return saved > (REAL)0 ? (REAL)0 : saved + (REAL)1;
    case EMC_SILU: {
      const REAL s = NAME(sigmoid1)(saved);
      return s * ((REAL)1 - s) * ((REAL)2 + saved * ((REAL)1 - s - s));
    }
    case EMC_GELU: {
      const REAL e = NAME(exp1)((REAL)-0.5 * saved * saved);
      return e * INVERSE_ROOT_TAU * ((REAL)2 - saved * saved);
    }
    case EMC_TANH: return (REAL)-2 * saved * ((REAL)1 - saved * saved);
    case EMC_SIGMOID: return saved * ((REAL)1 - saved) * ((REAL)1 - saved - saved);
    default: return (REAL)0;
  }
}

/// One loop for each activation, so that none has a branch inside.
#undef FOR_EACH_ACTIVATION
#define FOR_EACH_ACTIVATION(LOOP)                        \
  switch (kind) {                                        \
    case EMC_RELU: LOOP(EMC_RELU) break;                 \
    case EMC_LEAKY_RELU: LOOP(EMC_LEAKY_RELU) break;     \
    case EMC_ELU: LOOP(EMC_ELU) break;                   \
    case EMC_SILU: LOOP(EMC_SILU) break;                 \
    case EMC_GELU: LOOP(EMC_GELU) break;                 \
    case EMC_TANH: LOOP(EMC_TANH) break;                 \
    case EMC_SIGMOID: LOOP(EMC_SIGMOID) break;           \
    default: LOOP(EMC_IDENTITY) break;                   \
  }

/// Rows handled together: their bias is laid out once, so that narrow rows fill the vectors too.
EMC_INLINE size_t NAME(rows_together)(size_t rows, size_t columns) {
  if (columns == 0 || columns > TILE / 4) return 1;
  const size_t together = TILE / columns;
  return together < rows ? together : (rows > 0 ? rows : 1);
}

EMC_KERNEL void NAME(bias_activation)(
    int kind, size_t rows, size_t columns, const REAL *bias, REAL *z, REAL *a) {
  if (bias == NULL) {
    const size_t count = rows * columns;
#undef LOOP
#define LOOP(KIND) for (size_t i = 0; i < count; i++) a[i] = NAME(activation)(KIND, z[i]);
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
