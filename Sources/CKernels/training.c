#include "training.h"

#include <math.h>

#include "dispatch.h"

/// Elements summed side by side in a reduction, fixed so that every variant adds in the same order.
#define LANES 16

#include "precision_single.h"
#include "training_body.h"

#include "precision_double.h"
#include "training_body.h"

void emc_gather_labels(
    size_t count, const int32_t *restrict x, const int32_t *restrict indices, int32_t *restrict y) {
  for (size_t i = 0; i < count; i++) y[i] = x[indices[i]];
}
