/// Products with rows that differ from one row in few places, and how such rows are found.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// The most columns of a block.
#define EMC_SPARSE_BLOCK 400

/// Some of the rows of x (·, columns), x_i = b + v_i. Of v, the elements that aren't zero, row by row; a row's by blocks of
/// columns: those of block k of row i are starts[i·blocks + k] ..< starts[i·blocks + k + 1].
typedef struct {
  size_t columns;
  size_t block;                ///< columns of a block, the last one's may be fewer
  size_t blocks;
  const uint32_t *starts;      ///< (rows · blocks + 1)
  const uint16_t *places;      ///< the elements' columns in their blocks
  size_t count;                ///< rows that are multiplied
  const int32_t *positions;    ///< which (count); NULL: those from `first` on
  size_t first;
} emc_sparse_rows;

#define EMC_DECLARE_SPARSE(REAL, SUFFIX)                                                                   \
  /* z (count, outputs) = x Wᵀ, W (outputs, columns) */                                                    \
  void emc_multiply_sparse_##SUFFIX(                                                                       \
      const emc_sparse_rows *x, const REAL *values, const REAL *background, size_t outputs, const REAL *w, \
      REAL *z);                                                                                            \
  /* dw (outputs, columns) = dzᵀ x (+ dw if add), dz (count, outputs) */                                   \
  void emc_add_sparse_##SUFFIX(                                                                            \
      const emc_sparse_rows *x, const REAL *values, const REAL *background, size_t outputs, const REAL *dz, \
      int add, REAL *dw);                                                                                  \
  /* background[c] = a value that is frequent in x[·, c], its most frequent one where that is more than half; how  \
     many of all elements are another. counts (2 · columns) is scratch */                                  \
  size_t emc_find_background_##SUFFIX(                                                                     \
      size_t rows, size_t columns, const REAL *x, int32_t *counts, REAL *background);                       \
  /* The starts, places and values of x − background */                                                    \
  void emc_fill_sparse_##SUFFIX(                                                                           \
      size_t rows, size_t columns, size_t block, const REAL *x, const REAL *background, uint32_t *starts,  \
      uint16_t *places, REAL *values);

EMC_DECLARE_SPARSE(float, f32)
EMC_DECLARE_SPARSE(double, f64)
