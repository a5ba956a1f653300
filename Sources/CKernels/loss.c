#include <math.h>

#include "dispatch.h"

#include "precision_single.h"
#include "elementary.h"
#include "loss_body.h"

#include "precision_double.h"
#include "elementary.h"
#include "loss_body.h"
