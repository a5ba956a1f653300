#include "dispatch.h"

#include "precision_single.h"
#include "depthwise_body.h"
#include "spatial_body.h"

#include "precision_double.h"
#include "depthwise_body.h"
#include "spatial_body.h"
