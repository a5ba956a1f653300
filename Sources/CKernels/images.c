#include "dispatch.h"

#include "precision_single.h"
#include "images_body.h"

#include "precision_double.h"
#include "images_body.h"
