// The activations σ with their derivatives, for one number: included once for each precision, after elementary.h.
//
// `saved` is z for silu and gelu and a = σ(z) for the others, whose derivatives follow from a alone.

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

/// σ'(z) where only z is at hand.
EMC_INLINE REAL NAME(slope)(int kind, REAL z) {
  const int by_value = kind == EMC_ELU || kind == EMC_TANH || kind == EMC_SIGMOID;
  return NAME(derivative)(kind, by_value ? NAME(activation)(kind, z) : z);
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
