// Batch norm (Ioffe and Szegedy 2015): included once for each precision.
//
// With s = 1/√(v + ε), x̂ = (x − m)·s, n rows, and means ⟨·⟩ over them:
//   y = γx̂ + β, dx = γs·(e − ⟨e⟩ − x̂⟨e x̂⟩), dγ = n⟨e x̂⟩, dβ = n⟨e⟩.
// The tangents follow from x̂˙ = s·(ẋ − ⟨ẋ⟩ − x̂⟨x̂ẋ⟩) and ṡ = −s²⟨x̂ẋ⟩.

/// Tiles whose sums are taken in REAL before they are added up in double.
#undef BLOCK
#define BLOCK 64

EMC_KERNEL void NAME(add_moments)(
    size_t rows, size_t columns, const REAL *restrict shift, const REAL *restrict x, double *restrict sums) {
  if (rows == 0 || columns == 0) return;
  const size_t together = NAME(rows_together)(rows, columns);
  for (size_t first = 0; first < columns; first += TILE) {
    const size_t width = NAME(tile_width)(together, columns, first);
    REAL about[TILE];
    NAME(lay_out)(together, columns, first, width, shift, about);
    for (size_t r = 0; r < rows;) {
      REAL sum[TILE] = {0}, square[TILE] = {0};
      for (size_t tile = 0; tile < BLOCK && r < rows; tile++, r += together) {
        const size_t left = (rows - r) * columns;
        const size_t count = together > 1 && left < width ? left : width;
        const REAL *xs = x + r * columns + first;
        for (size_t i = 0; i < count; i++) {
          const REAL e = xs[i] - about[i];
          sum[i] += e;
          square[i] += e * e;
        }
      }
      NAME(fold_tile)(together, columns, first, width, sum, sums);
      NAME(fold_tile)(together, columns, first, width, square, sums + columns);
    }
  }
}

EMC_KERNEL void NAME(moments)(
    size_t rows, size_t columns, const REAL *shift, const double *sums, REAL *mean, REAL *variance) {
  for (size_t c = 0; c < columns; c++) {
    const double offset = sums[c] / (double)rows;
    const double spread = sums[columns + c] / (double)rows - offset * offset;
    mean[c] = (REAL)((double)shift[c] + offset);
    // Not below 0, and a NaN stays one.
    variance[c] = (REAL)(spread < 0 ? 0 : spread);
  }
}

EMC_KERNEL void NAME(pool_moments)(
    size_t columns, double weight, const REAL *mean, const REAL *variance, REAL *statistics) {
  for (size_t c = 0; c < columns; c++) {
    const double m = (double)mean[c];
    const double added[2] = {weight * m, weight * ((double)variance[c] + m * m)};
    for (size_t k = 0; k < 2; k++) {
      REAL *number = statistics + 2 * k * columns + c;
      REAL *lost = number + columns;
      const double total = ((double)*number + (double)*lost) + added[k];
      *number = (REAL)total;
      *lost = (REAL)(total - (double)*number);
    }
  }
}

EMC_KERNEL void NAME(pooled_moments)(
    size_t columns, double weight, const REAL *statistics, REAL *mean, REAL *variance) {
  for (size_t c = 0; c < columns; c++) {
    const double m = ((double)statistics[c] + (double)statistics[columns + c]) / weight;
    const double square =
        ((double)statistics[2 * columns + c] + (double)statistics[3 * columns + c]) / weight;
    const double spread = square - m * m;
    mean[c] = (REAL)m;
    variance[c] = (REAL)(spread < 0 ? 0 : spread);
  }
}

EMC_KERNEL void NAME(norm_coefficients)(
    size_t columns, REAL epsilon, const REAL *gamma, const REAL *beta, const REAL *mean,
    const REAL *variance, REAL *inverse, REAL *scale, REAL *shift) {
  for (size_t c = 0; c < columns; c++) {
    const REAL s = (REAL)1 / ROOT(variance[c] + epsilon);
    inverse[c] = s;
    scale[c] = gamma[c] * s;
    shift[c] = beta[c] - mean[c] * scale[c];
  }
}

EMC_KERNEL void NAME(affine_activation)(
    int kind, size_t rows, size_t columns, const REAL *scale, const REAL *shift, const REAL *x,
    const REAL *addend, REAL *y) {
  if (rows == 0 || columns == 0) return;
  const size_t together = NAME(rows_together)(rows, columns);
  for (size_t first = 0; first < columns; first += TILE) {
    const size_t width = NAME(tile_width)(together, columns, first);
    REAL a[TILE], b[TILE];
    NAME(lay_out)(together, columns, first, width, scale, a);
    NAME(lay_out)(together, columns, first, width, shift, b);
    for (size_t r = 0; r < rows; r += together) {
      const size_t left = (rows - r) * columns;
      const size_t count = together > 1 && left < width ? left : width;
      const REAL *xs = x + r * columns + first;
      REAL *ys = y + r * columns + first;
      if (addend == NULL) {
#undef LOOP
#define LOOP(KIND) \
  EMC_IN_PLACE       \
  for (size_t i = 0; i < count; i++) ys[i] = NAME(activation)(KIND, a[i] * xs[i] + b[i]);
        FOR_EACH_ACTIVATION(LOOP)
      } else {
        const REAL *added = addend + r * columns + first;
#undef LOOP
#define LOOP(KIND) \
  EMC_IN_PLACE       \
  for (size_t i = 0; i < count; i++) ys[i] = NAME(activation)(KIND, (a[i] * xs[i] + b[i]) + added[i]);
        FOR_EACH_ACTIVATION(LOOP)
      }
    }
  }
}

EMC_KERNEL void NAME(add_norm_products)(
    int kind, size_t rows, size_t columns, const REAL *restrict scale, const REAL *restrict shift,
    const REAL *restrict mean, const REAL *restrict x, const REAL *restrict d, double *restrict sums) {
  if (rows == 0 || columns == 0) return;
  const size_t together = NAME(rows_together)(rows, columns);
  for (size_t first = 0; first < columns; first += TILE) {
    const size_t width = NAME(tile_width)(together, columns, first);
    REAL a[TILE], b[TILE], m[TILE];
    NAME(lay_out)(together, columns, first, width, scale, a);
    NAME(lay_out)(together, columns, first, width, shift, b);
    NAME(lay_out)(together, columns, first, width, mean, m);
    for (size_t r = 0; r < rows;) {
      REAL sum[TILE] = {0}, product[TILE] = {0};
      for (size_t tile = 0; tile < BLOCK && r < rows; tile++, r += together) {
        const size_t left = (rows - r) * columns;
        const size_t count = together > 1 && left < width ? left : width;
        const REAL *xs = x + r * columns + first;
        const REAL *ds = d + r * columns + first;
#undef LOOP
#define LOOP(KIND)                                                            \
  for (size_t i = 0; i < count; i++) {                                        \
    const REAL e = ds[i] * NAME(slope)(KIND, a[i] * xs[i] + b[i]);            \
    sum[i] += e;                                                              \
    product[i] += e * (xs[i] - m[i]);                                         \
  }
        FOR_EACH_ACTIVATION(LOOP)
      }
      NAME(fold_tile)(together, columns, first, width, sum, sums);
      NAME(fold_tile)(together, columns, first, width, product, sums + columns);
    }
  }
}

EMC_KERNEL void NAME(norm_backward_coefficients)(
    size_t rows, size_t columns, const REAL *gamma, const REAL *inverse, const double *sums,
    REAL *coefficients, REAL keep, REAL *gamma_gradient, REAL *beta_gradient) {
  for (size_t c = 0; c < columns; c++) {
    const double s = (double)inverse[c];
    const double k = (double)gamma[c] * s;
    const double sum = sums[c];
    const double product = sums[columns + c] * s;
    coefficients[c] = (REAL)k;
    coefficients[columns + c] = (REAL)(-k * s * (product / (double)rows));
    coefficients[2 * columns + c] = (REAL)(-k * (sum / (double)rows));
    gamma_gradient[c] = (keep == (REAL)0 ? (REAL)0 : keep * gamma_gradient[c]) + (REAL)product;
    beta_gradient[c] = (keep == (REAL)0 ? (REAL)0 : keep * beta_gradient[c]) + (REAL)sum;
  }
}

EMC_KERNEL void NAME(norm_combine)(
    int kind, size_t rows, size_t columns, const REAL *scale, const REAL *shift, const REAL *mean,
    const REAL *coefficients, const REAL *x, const REAL *d, REAL *y) {
  if (rows == 0 || columns == 0) return;
  const size_t together = NAME(rows_together)(rows, columns);
  for (size_t first = 0; first < columns; first += TILE) {
    const size_t width = NAME(tile_width)(together, columns, first);
    REAL a[TILE], b[TILE], m[TILE], p[TILE], q[TILE], o[TILE];
    NAME(lay_out)(together, columns, first, width, scale, a);
    NAME(lay_out)(together, columns, first, width, shift, b);
    NAME(lay_out)(together, columns, first, width, mean, m);
    NAME(lay_out)(together, columns, first, width, coefficients, p);
    NAME(lay_out)(together, columns, first, width, coefficients + columns, q);
    NAME(lay_out)(together, columns, first, width, coefficients + 2 * columns, o);
    for (size_t r = 0; r < rows; r += together) {
      const size_t left = (rows - r) * columns;
      const size_t count = together > 1 && left < width ? left : width;
      const REAL *xs = x + r * columns + first;
      const REAL *ds = d + r * columns + first;
      REAL *ys = y + r * columns + first;
#undef LOOP
#define LOOP(KIND)                                                            \
  EMC_IN_PLACE                                                                \
  for (size_t i = 0; i < count; i++) {                                        \
    const REAL e = ds[i] * NAME(slope)(KIND, a[i] * xs[i] + b[i]);            \
    ys[i] = (p[i] * e + q[i] * (xs[i] - m[i])) + o[i];                        \
  }
      FOR_EACH_ACTIVATION(LOOP)
    }
  }
}

EMC_KERNEL void NAME(norm_tangent_coefficients)(
    size_t rows, size_t columns, const REAL *gamma, const REAL *inverse, const REAL *gamma_tangent,
    const REAL *beta_tangent, const double *sums, REAL *coefficients) {
  for (size_t c = 0; c < columns; c++) {
    const double s = (double)inverse[c];
    const double k = (double)gamma[c] * s;
    const double mean = sums[c] / (double)rows;
    const double product = s * sums[columns + c] / (double)rows;
    coefficients[c] = (REAL)k;
    coefficients[columns + c] = (REAL)(((double)gamma_tangent[c] - k * product) * s);
    coefficients[2 * columns + c] = (REAL)((double)beta_tangent[c] - k * mean);
  }
}

EMC_KERNEL void NAME(norm_backward_tangent_coefficients)(
    size_t rows, size_t columns, const REAL *gamma, const REAL *inverse, const REAL *gamma_tangent,
    const double *t_sums, const double *d_sums, const double *u_sums, const REAL *products,
    REAL *coefficients, REAL keep, REAL *gamma_product, REAL *beta_product) {
  for (size_t c = 0; c < columns; c++) {
    const double n = (double)rows;
    const double s = (double)inverse[c];
    const double k = (double)gamma[c] * s;
    const double t_mean = t_sums[c] / n, t_product = s * t_sums[columns + c] / n;
    const double d_mean = d_sums[c] / n, d_product = s * d_sums[columns + c] / n;
    const double u_mean = u_sums[c] / n;
    // ⟨e x̂⟩˙ = ⟨ė x̂⟩ + ⟨e x̂˙⟩ and (γs)˙.
    const double u_product = s * u_sums[columns + c] / n +
        s * ((double)products[c] / n - t_mean * d_mean - t_product * d_product);
    const double k_tangent = (double)gamma_tangent[c] * s - k * s * t_product;
    coefficients[c] = (REAL)k;
    coefficients[columns + c] = (REAL)k_tangent;
    coefficients[2 * columns + c] = (REAL)(-k * d_product * s);
    coefficients[3 * columns + c] =
        (REAL)(s * (-k_tangent * d_product - k * u_product + k * d_product * s * t_product));
    coefficients[4 * columns + c] = (REAL)(-k_tangent * d_mean - k * u_mean + k * d_product * s * t_mean);
    gamma_product[c] = (keep == (REAL)0 ? (REAL)0 : keep * gamma_product[c]) + (REAL)(n * u_product);
    beta_product[c] = (keep == (REAL)0 ? (REAL)0 : keep * beta_product[c]) + (REAL)u_sums[c];
  }
}

EMC_KERNEL void NAME(norm_backward_tangent)(
    size_t rows, size_t columns, const REAL *mean, const REAL *coefficients, const REAL *x, const REAL *t,
    const REAL *d, const REAL *u, REAL *y) {
  const REAL *a = coefficients, *b = a + columns, *c = b + columns, *e = c + columns, *f = e + columns;
  for (size_t r = 0; r < rows; r++, x += columns, t += columns, d += columns, u += columns, y += columns) {
    EMC_IN_PLACE
    for (size_t i = 0; i < columns; i++)
      y[i] = ((a[i] * u[i] + b[i] * d[i]) + (c[i] * t[i] + e[i] * (x[i] - mean[i]))) + f[i];
  }
}
