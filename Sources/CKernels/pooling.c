#include "dispatch.h"

#include "precision_single.h"
#include "pooling_body.h"

#include "precision_double.h"
#include "pooling_body.h"
