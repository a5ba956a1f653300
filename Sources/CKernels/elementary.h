// Elementary functions without branches, so that loops over them vectorise. Included after a precision.
//
// exp and expm1: x = n·ln 2 + r, |r| ≤ ln 2 / 2, and expm1(r) = r + r²·q(r) by its Taylor series, which at this
// range is as good as the precision holds. erf: the rational approximations of Cephes (Moshier, ndtr.c).

EMC_INLINE WORD NAME(bits)(REAL x) {
  WORD w;
  memcpy(&w, &x, sizeof w);
  return w;
}

EMC_INLINE REAL NAME(from_bits)(WORD w) {
  REAL x;
  memcpy(&x, &w, sizeof x);
  return x;
}

/// 2ⁿ into `power` and expm1(x − n·ln 2) as the result, for x between EXP_LOWEST and EXP_HIGHEST.
EMC_INLINE REAL NAME(reduced_expm1)(REAL x, REAL *power) {
  const REAL t = x * (REAL)1.44269504088896340736 + ROUNDER;
  const REAL n = t - ROUNDER;
  const REAL r = (x - n * LN2_HIGH) - n * LN2_LOW;
  *power = NAME(from_bits)((NAME(bits)(t) << EXPONENT_SHIFT) + EXPONENT_ONE);
#if IS_DOUBLE
  REAL q = (REAL)(1.0 / 6227020800.0);
  q = q * r + (REAL)(1.0 / 479001600.0);
  q = q * r + (REAL)(1.0 / 39916800.0);
  q = q * r + (REAL)(1.0 / 3628800.0);
  q = q * r + (REAL)(1.0 / 362880.0);
  q = q * r + (REAL)(1.0 / 40320.0);
  q = q * r + (REAL)(1.0 / 5040.0);
#else
  REAL q = (REAL)(1.0 / 5040.0);
#endif
  q = q * r + (REAL)(1.0 / 720.0);
  q = q * r + (REAL)(1.0 / 120.0);
  q = q * r + (REAL)(1.0 / 24.0);
  q = q * r + (REAL)(1.0 / 6.0);
  q = q * r + (REAL)0.5;
  return r + (r * r) * q;
}

/// exp x; 0 below EXP_LOWEST, exp(EXP_HIGHEST) above it; NaN stays NaN.
EMC_INLINE REAL NAME(exp1)(REAL x) {
  REAL c = x < EXP_LOWEST ? EXP_LOWEST : x;
  c = c > EXP_HIGHEST ? EXP_HIGHEST : c;
  REAL power;
  const REAL e = NAME(reduced_expm1)(c, &power);
  const REAL y = power + power * e;
  return x < EXP_LOWEST ? (REAL)0 : y;
}

/// exp x − 1, exact to the last places near 0 too.
EMC_INLINE REAL NAME(expm1_1)(REAL x) {
  REAL c = x < EXP_LOWEST ? EXP_LOWEST : x;
  c = c > EXP_HIGHEST ? EXP_HIGHEST : c;
  REAL power;
  const REAL e = NAME(reduced_expm1)(c, &power);
  return power * e + (power - (REAL)1);
}

EMC_INLINE REAL NAME(magnitude)(REAL x) {
  const WORD sign = (WORD)1 << (sizeof(REAL) * 8 - 1);
  return NAME(from_bits)(NAME(bits)(x) & ~sign);
}

EMC_INLINE REAL NAME(with_sign_of)(REAL x, REAL sign_source) {
  const WORD sign = (WORD)1 << (sizeof(REAL) * 8 - 1);
  return NAME(from_bits)(NAME(bits)(x) | (NAME(bits)(sign_source) & sign));
}

/// tanh |x| = e/(e + 2), e = expm1(2|x|).
EMC_INLINE REAL NAME(tanh1)(REAL x) {
  REAL a = NAME(magnitude)(x);
  a = a > (REAL)22 ? (REAL)22 : a;
  const REAL e = NAME(expm1_1)(a + a);
  return NAME(with_sign_of)(e / (e + (REAL)2), x);
}

EMC_INLINE REAL NAME(sigmoid1)(REAL x) {
  return (REAL)1 / ((REAL)1 + NAME(exp1)(-x));
}

/// erf x for |x| ≤ 1.
EMC_INLINE REAL NAME(erf_centre)(REAL x) {
  const REAL s = x * x;
  REAL p = (REAL)9.60497373987051638749E0;
  p = p * s + (REAL)9.00260197203842689217E1;
  p = p * s + (REAL)2.23200534594684319226E3;
  p = p * s + (REAL)7.00332514112805075473E3;
  p = p * s + (REAL)5.55923013010394962768E4;
  REAL q = s + (REAL)3.35617141647503099647E1;
  q = q * s + (REAL)5.21357949780152679795E2;
  q = q * s + (REAL)4.59432382970980127987E3;
  q = q * s + (REAL)2.26290000613890934246E4;
  q = q * s + (REAL)4.92673942608635921086E4;
  return x * p / q;
}

/// erfc a for a ≥ 1, given exp(−a²).
EMC_INLINE REAL NAME(erfc_tail)(REAL a, REAL exponential) {
  REAL p = (REAL)2.46196981473530512524E-10;
  p = p * a + (REAL)5.64189564831068821977E-1;
  p = p * a + (REAL)7.46321056442269912687E0;
  p = p * a + (REAL)4.86371970985681366614E1;
  p = p * a + (REAL)1.96520832956077098242E2;
  p = p * a + (REAL)5.26445194995477358631E2;
  p = p * a + (REAL)9.34528527171957607540E2;
  p = p * a + (REAL)1.02755188689515710272E3;
  p = p * a + (REAL)5.57535335369399327526E2;
  REAL q = a + (REAL)1.32281951154744992508E1;
  q = q * a + (REAL)8.67072140885989742329E1;
  q = q * a + (REAL)3.54937778887819891062E2;
  q = q * a + (REAL)9.75708501743205489753E2;
  q = q * a + (REAL)1.82390916687909736289E3;
  q = q * a + (REAL)2.24633760818710981792E3;
  q = q * a + (REAL)1.65666309194161350182E3;
  q = q * a + (REAL)5.57535340817727675546E2;
  return exponential * p / q;
}

EMC_INLINE REAL NAME(erf1)(REAL x) {
  const REAL a = NAME(magnitude)(x);
  const REAL clamped = a > (REAL)9 ? (REAL)9 : a;
  const REAL tail = (REAL)1 - NAME(erfc_tail)(clamped, NAME(exp1)(-clamped * clamped));
  return a < (REAL)1 ? NAME(erf_centre)(x) : NAME(with_sign_of)(tail, x);
}

/// Φ(x), the standard normal distribution, relative accuracy in the lower tail kept; exp(−x²/2) into
/// `exponential`, since the density needs it too.
EMC_INLINE REAL NAME(normal1)(REAL x, REAL *exponential) {
  const REAL h = x * (REAL)0.70710678118654752440;
  const REAL a = NAME(magnitude)(h);
  const REAL clamped = a > (REAL)25 ? (REAL)25 : a;
  const REAL e = NAME(exp1)((REAL)-0.5 * x * x);
  *exponential = e;
  const REAL half_tail = (REAL)0.5 * NAME(erfc_tail)(clamped, e);
  const REAL outer = x < (REAL)0 ? half_tail : (REAL)1 - half_tail;
  return a < (REAL)1 ? (REAL)0.5 + (REAL)0.5 * NAME(erf_centre)(h) : outer;
}
