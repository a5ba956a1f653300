// Scalar functions whose bits are the same on every machine: plain products and sums in double, never contracted.
//
// log: fdlibm's e_log.c. cosine and sine: fdlibm's k_cos.c and k_sin.c on an eighth of a turn (Sun Microsystems,
// 1993; freely distributable).

#include <float.h>
#include <math.h>
#include <string.h>

#include "CKernels.h"

double emc_portable_log(double x) {
  if (!(x >= DBL_MIN && x <= DBL_MAX)) return NAN;
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  // x = 2ᵏ·m with m in [√½, √2).
  const uint64_t shifted = bits + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
  const double k = (double)((int64_t)(shifted >> 52) - 1023);
  const uint64_t mantissa = (shifted & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu;
  double m;
  memcpy(&m, &mantissa, sizeof m);
  const double f = m - 1;
  const double s = f / (2 + f);
  const double z = s * s;
  const double w = z * z;
  const double even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  const double odd = z * (6.666666666666735130e-01 +
      w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  const double half_square = 0.5 * f * f;
  const double low = s * (half_square + (even + odd)) + k * 1.90821492927058770002e-10;
  return k * 6.93147180369123816490e-01 - ((half_square - low) - f);
}

/// cos and sin of y for |y| ≤ π/4.
static void kernel_cosine_sine(double y, double *cosine, double *sine) {
  const double z = y * y;
  const double c = z * (4.16666666666666019037e-02 + z * (-1.38888888888741095749e-03 +
      z * (2.48015872894767294178e-05 + z * (-2.75573143513906633035e-07 +
      z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11)))));
  *cosine = 1 - (0.5 * z - z * c);
  const double s = 8.33333333332248946124e-03 + z * (-1.98412698298579493134e-04 +
      z * (2.75573137070700676789e-06 + z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10)));
  *sine = y + y * z * (-1.66666666666666324348e-01 + z * s);
}

void emc_portable_cosine_sine(double u, double *cosine, double *sine) {
  // The nearest quarter turn is taken off exactly: 4u and the difference have no rounding.
  const double quarter = floor(4 * u + 0.5);
  double c, s;
  kernel_cosine_sine((u - quarter * 0.25) * 6.28318530717958647693, &c, &s);
  switch ((int)quarter & 3) {
    case 0: *cosine = c; *sine = s; break;
    case 1: *cosine = -s; *sine = c; break;
    case 2: *cosine = -c; *sine = -s; break;
    default: *cosine = s; *sine = -c; break;
  }
}
