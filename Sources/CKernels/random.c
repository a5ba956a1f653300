#include "dispatch.h"

#include "precision_single.h"
#include "random_body.h"

#include "precision_double.h"
#include "random_body.h"
