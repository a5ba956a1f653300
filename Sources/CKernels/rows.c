#include "dispatch.h"

#include "precision_single.h"
#include "rows_body.h"

#include "precision_double.h"
#include "rows_body.h"
