// The products of one kind of processor in both precisions. Wants VARIANT, TARGET, MULTIPLY_ADD, VECTOR_BYTES and MR, the
// rows of a tile, and lets go of them.

#define VL (VECTOR_BYTES / sizeof(REAL))

#define REAL float
#define SUFFIX f32
#define BLOCK 8
#include "products_body.h"
#include "sparse_body.h"
#include "winograd_body.h"
#undef REAL
#undef SUFFIX
#undef BLOCK

#define REAL double
#define SUFFIX f64
#define BLOCK 4
#include "products_body.h"
#include "sparse_body.h"
#include "winograd_body.h"
#undef REAL
#undef SUFFIX
#undef BLOCK

#undef VL
#undef VARIANT
#undef TARGET
#undef MULTIPLY_ADD
#undef VECTOR_BYTES
#undef MR
