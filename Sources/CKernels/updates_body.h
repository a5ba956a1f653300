// Optimizers' elementwise updates: included once for each precision.

EMC_KERNEL void NAME(update_sgd)(
    size_t count, REAL rate, REAL momentum, REAL decay, int nesterov, const REAL *restrict g,
    REAL *restrict v, REAL *restrict x) {
  if (v == NULL) {
    for (size_t i = 0; i < count; i++) x[i] -= rate * (g[i] + decay * x[i]);
  } else if (nesterov) {
    for (size_t i = 0; i < count; i++) {
      const REAL slope = g[i] + decay * x[i];
      const REAL velocity = momentum * v[i] + slope;
      v[i] = velocity;
      x[i] -= rate * (slope + momentum * velocity);
    }
  } else {
    for (size_t i = 0; i < count; i++) {
      const REAL velocity = momentum * v[i] + (g[i] + decay * x[i]);
      v[i] = velocity;
      x[i] -= rate * velocity;
    }
  }
}

EMC_KERNEL void NAME(update_adam)(
    size_t count, REAL rate, REAL beta1, REAL beta2, REAL epsilon, REAL decay, REAL decoupled,
    REAL correction1, REAL correction2, const REAL *restrict g, REAL *restrict m, REAL *restrict v,
    REAL *restrict x) {
  const REAL step = rate / correction1;
  const REAL inverse_root = (REAL)1 / (REAL)sqrt((double)correction2);
  const REAL kept = (REAL)1 - rate * decoupled;
  const REAL rest1 = (REAL)1 - beta1;
  const REAL rest2 = (REAL)1 - beta2;
  for (size_t i = 0; i < count; i++) {
    const REAL slope = g[i] + decay * x[i];
    const REAL first = beta1 * m[i] + rest1 * slope;
    const REAL second = beta2 * v[i] + rest2 * slope * slope;
    m[i] = first;
    v[i] = second;
    x[i] = kept * x[i] - step * first / (ROOT(second) * inverse_root + epsilon);
  }
}
