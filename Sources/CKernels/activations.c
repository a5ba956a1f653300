#include <math.h>

#include "dispatch.h"

#include "precision_single.h"
#include "elementary.h"
#include "activation_functions.h"
#include "tiles.h"
#include "activations_body.h"

#include "precision_double.h"
#include "elementary.h"
#include "activation_functions.h"
#include "tiles.h"
#include "activations_body.h"
