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

#define REAL float
#define WORD uint32_t
#define NAME(x) emc_##x##_f32
#define EXPONENT_SHIFT 23
#define EXPONENT_ONE 0x3f800000u
/// Added and subtracted, rounds to an integer, whose bits are then the sum's lowest.
#define ROUNDER 0x1.8p23f
#define EXP_LOWEST (-87.3f)
#define EXP_HIGHEST (88.3f)
/// ln 2 in two parts, the first with so few bits that its products with exponents are exact.
#define LN2_HIGH (0.693359375f)
#define LN2_LOW (-2.12194440e-4f)
#define IS_DOUBLE 0
#define ROOT(x) sqrtf(x)
