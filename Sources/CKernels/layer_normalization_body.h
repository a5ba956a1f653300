// Layer norm (Ba, Kiros and Hinton 2016) over the rows of a matrix: included once for each precision.
//
// With the row's mean m, s = 1/√(v + ε), x̂ = (x − m)·s, g = γ·dy and means ⟨·⟩ over the row:
//   y = γx̂ + β, dx = s·(g − ⟨g⟩ − x̂⟨g x̂⟩), dγ = Σ_r dy·x̂, dβ = Σ_r dy.
// The tangents follow from x̂˙ = s·(ẋ − ⟨ẋ⟩ − x̂⟨x̂ẋ⟩) and ṡ = −s²⟨x̂ẋ⟩.

/// Elements summed side by side in a reduction over a row.
#undef SIDE
#define SIDE 16

EMC_INLINE REAL NAME(fold_side)(REAL *lanes) {
  for (int width = SIDE / 2; width > 0; width /= 2)
    for (int j = 0; j < width; j++) lanes[j] += lanes[j + width];
  return lanes[0];
}

/// total = Σ_c of an expression in c.
#undef ROW_SUM
#define ROW_SUM(total, expression)                                        \
  do {                                                                    \
    REAL lanes[SIDE] = {0};                                               \
    size_t at = 0;                                                        \
    for (; at + SIDE <= columns; at += SIDE)                              \
      for (int j = 0; j < SIDE; j++) {                                    \
        const size_t c = at + (size_t)j;                                  \
        lanes[j] += (expression);                                         \
      }                                                                   \
    for (int j = 0; at < columns; at++, j++) {                            \
      const size_t c = at;                                                \
      lanes[j] += (expression);                                           \
    }                                                                     \
    total = NAME(fold_side)(lanes);                                       \
  } while (0)

EMC_INLINE void NAME(keep_or_clear)(size_t count, REAL keep, REAL *y) {
  if (keep == (REAL)0)
    for (size_t c = 0; c < count; c++) y[c] = 0;
  else if (keep != (REAL)1)
    for (size_t c = 0; c < count; c++) y[c] *= keep;
}

EMC_KERNEL void NAME(layer_norm)(
    size_t rows, size_t columns, REAL epsilon, const REAL *restrict gamma, const REAL *restrict beta,
    const REAL *restrict x, REAL *restrict y, REAL *restrict moments) {
  const REAL share = (REAL)1 / (REAL)columns;
  for (size_t r = 0; r < rows; r++, x += columns, y += columns, moments += 2) {
    REAL sum, squares;
    ROW_SUM(sum, x[c]);
    const REAL mean = sum * share;
    ROW_SUM(squares, (x[c] - mean) * (x[c] - mean));
    const REAL inverse = (REAL)1 / ROOT(squares * share + epsilon);
    moments[0] = mean;
    moments[1] = inverse;
    for (size_t c = 0; c < columns; c++) y[c] = gamma[c] * ((x[c] - mean) * inverse) + beta[c];
  }
}

EMC_KERNEL void NAME(layer_norm_backward)(
    size_t rows, size_t columns, const REAL *restrict gamma, const REAL *restrict moments,
    const REAL *restrict x, const REAL *dy, const REAL *addend, REAL *dx, REAL keep,
    REAL *restrict gamma_gradient, REAL *restrict beta_gradient) {
  NAME(keep_or_clear)(columns, keep, gamma_gradient);
  NAME(keep_or_clear)(columns, keep, beta_gradient);
  const REAL share = (REAL)1 / (REAL)columns;
  for (size_t r = 0; r < rows; r++, x += columns, dy += columns, dx += columns, moments += 2) {
    const REAL mean = moments[0], inverse = moments[1];
    REAL sum, product;
    ROW_SUM(sum, gamma[c] * dy[c]);
    ROW_SUM(product, gamma[c] * dy[c] * ((x[c] - mean) * inverse));
    sum *= share;
    product *= share;
    for (size_t c = 0; c < columns; c++) {
      gamma_gradient[c] += dy[c] * ((x[c] - mean) * inverse);
      beta_gradient[c] += dy[c];
    }
    if (addend == NULL) {
      EMC_IN_PLACE
      for (size_t c = 0; c < columns; c++)
        dx[c] = inverse * ((gamma[c] * dy[c] - sum) - (x[c] - mean) * inverse * product);
    } else {
      EMC_IN_PLACE
      for (size_t c = 0; c < columns; c++)
        dx[c] = addend[c] + inverse * ((gamma[c] * dy[c] - sum) - (x[c] - mean) * inverse * product);
      addend += columns;
    }
  }
}

EMC_KERNEL void NAME(layer_norm_tangent)(
    size_t rows, size_t columns, const REAL *restrict gamma, const REAL *restrict gamma_tangent,
    const REAL *restrict beta_tangent, const REAL *restrict moments, const REAL *restrict x,
    const REAL *restrict t, REAL *restrict ty) {
  const REAL share = (REAL)1 / (REAL)columns;
  for (size_t r = 0; r < rows; r++, x += columns, t += columns, ty += columns, moments += 2) {
    const REAL mean = moments[0], inverse = moments[1];
    REAL sum, product;
    ROW_SUM(sum, t[c]);
    ROW_SUM(product, t[c] * ((x[c] - mean) * inverse));
    sum *= share;
    product *= share;
    for (size_t c = 0; c < columns; c++) {
      const REAL normal = (x[c] - mean) * inverse;
      const REAL normal_tangent = inverse * ((t[c] - sum) - normal * product);
      ty[c] = gamma_tangent[c] * normal + gamma[c] * normal_tangent + beta_tangent[c];
    }
  }
}

EMC_KERNEL void NAME(layer_norm_backward_tangent)(
    size_t rows, size_t columns, const REAL *restrict gamma, const REAL *restrict gamma_tangent,
    const REAL *restrict moments, const REAL *restrict x, const REAL *restrict t, const REAL *dy,
    const REAL *tdy, REAL *tdx, REAL keep, REAL *restrict gamma_product, REAL *restrict beta_product) {
  NAME(keep_or_clear)(columns, keep, gamma_product);
  NAME(keep_or_clear)(columns, keep, beta_product);
  const REAL share = (REAL)1 / (REAL)columns;
  for (size_t r = 0; r < rows;
       r++, x += columns, t += columns, dy += columns, tdy += columns, tdx += columns, moments += 2) {
    const REAL mean = moments[0], inverse = moments[1];
    REAL t_mean, t_product, g_mean, g_product, u_mean, u_product;
#define NORMAL ((x[c] - mean) * inverse)
#define NORMAL_TANGENT (inverse * ((t[c] - t_mean) - NORMAL * t_product))
#define G (gamma[c] * dy[c])
#define G_TANGENT (gamma[c] * tdy[c] + gamma_tangent[c] * dy[c])
    ROW_SUM(t_mean, t[c]);
    ROW_SUM(t_product, t[c] * NORMAL);
    t_mean *= share;
    t_product *= share;
    ROW_SUM(g_mean, G);
    ROW_SUM(g_product, G * NORMAL);
    ROW_SUM(u_mean, G_TANGENT);
    ROW_SUM(u_product, G_TANGENT * NORMAL + G * NORMAL_TANGENT);
    g_mean *= share;
    g_product *= share;
    u_mean *= share;
    u_product *= share;
    const REAL inverse_tangent = -inverse * inverse * t_product;
    EMC_IN_PLACE
    for (size_t c = 0; c < columns; c++) {
      gamma_product[c] += tdy[c] * NORMAL + dy[c] * NORMAL_TANGENT;
      beta_product[c] += tdy[c];
      tdx[c] = inverse_tangent * ((G - g_mean) - NORMAL * g_product) +
          inverse * (((G_TANGENT - u_mean) - NORMAL_TANGENT * g_product) - NORMAL * u_product);
    }
#undef NORMAL
#undef NORMAL_TANGENT
#undef G
#undef G_TANGENT
  }
}
