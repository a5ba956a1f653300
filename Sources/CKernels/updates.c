#include <math.h>

#include "dispatch.h"

#include "precision_single.h"
#include "updates_body.h"

#include "precision_double.h"
#include "updates_body.h"
