#include <math.h>

#include "dispatch.h"

#include "precision_single.h"
#include "layer_normalization_body.h"

#include "precision_double.h"
#include "layer_normalization_body.h"
