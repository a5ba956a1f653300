// The kernels' bodies are compiled once for each precision; this names what differs.
#undef REAL
#undef WORD
#undef NAME
#undef EXPONENT_SHIFT
#undef EXPONENT_ONE
#undef ROUNDER
#undef EXP_LOWEST
#undef EXP_HIGHEST
#undef LN2_HIGH
#undef LN2_LOW
#undef IS_DOUBLE
#undef ROOT

#define REAL double
#define WORD uint64_t
#define NAME(x) emc_##x##_f64
#define EXPONENT_SHIFT 52
#define EXPONENT_ONE 0x3ff0000000000000u
/// Added and subtracted, rounds to an integer, whose bits are then the sum's lowest.
#define ROUNDER 0x1.8p52
#define EXP_LOWEST (-708.3)
#define EXP_HIGHEST (709.4)
/// ln 2 in two parts, the first with so few bits that its products with exponents are exact.
#define LN2_HIGH (6.93147180369123816490e-01)
#define LN2_LOW (1.90821492927058770002e-10)
#define IS_DOUBLE 1
#define ROOT(x) sqrt(x)
