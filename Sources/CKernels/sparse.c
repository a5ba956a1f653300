#include "dispatch.h"

#include "precision_single.h"
#include "sparse_rows_body.h"

#include "precision_double.h"
#include "sparse_rows_body.h"
