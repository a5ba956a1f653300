// Pooling over windows that may overlap and reach into a border, one image (height, width, channels): included once for
// each precision.

/// The taps of one output place that lie inside the image: first ≤ tap < last.
#undef WINDOW_RANGE
#define WINDOW_RANGE(first, last, start, place, extent)                                            \
  const size_t start = (place) * z.stride;                                                         \
  const size_t first = start < z.padding ? z.padding - start : 0;                                  \
  const size_t last = (extent) + z.padding - start < z.size ? (extent) + z.padding - start : z.size;

EMC_KERNEL void NAME(windows_maximum)(
    const emc_windows *sizes, const REAL *restrict x, REAL *restrict y, REAL *restrict choice) {
  const emc_windows z = *sizes;
  for (size_t oy = 0; oy < z.out_height; oy++) {
    WINDOW_RANGE(top, bottom, row, oy, z.height)
    for (size_t ox = 0; ox < z.out_width; ox++, y += z.channels, choice += z.channels) {
      WINDOW_RANGE(left, right, column, ox, z.width)
      for (size_t i = top; i < bottom; i++)
        for (size_t j = left; j < right; j++) {
          const REAL *from = x + ((row + i - z.padding) * z.width + column + j - z.padding) * z.channels;
          const REAL place = (REAL)(i * z.size + j);
          const int first = i == top && j == left;
          // NaN is largest.
          for (size_t c = 0; c < z.channels; c++) {
            const int larger = first | (from[c] > y[c]) | (from[c] != from[c]);
            y[c] = larger ? from[c] : y[c];
            choice[c] = larger ? place : choice[c];
          }
        }
    }
  }
}

EMC_KERNEL void NAME(windows_pick)(
    const emc_windows *sizes, const REAL *restrict x, const REAL *restrict choice, REAL *restrict y) {
  const emc_windows z = *sizes;
  for (size_t oy = 0; oy < z.out_height; oy++) {
    WINDOW_RANGE(top, bottom, row, oy, z.height)
    for (size_t ox = 0; ox < z.out_width; ox++, y += z.channels, choice += z.channels) {
      WINDOW_RANGE(left, right, column, ox, z.width)
      for (size_t i = top; i < bottom; i++)
        for (size_t j = left; j < right; j++) {
          const REAL *from = x + ((row + i - z.padding) * z.width + column + j - z.padding) * z.channels;
          const REAL place = (REAL)(i * z.size + j);
          for (size_t c = 0; c < z.channels; c++) y[c] = choice[c] == place ? from[c] : y[c];
        }
    }
  }
}

EMC_KERNEL void NAME(windows_scatter)(
    const emc_windows *sizes, const REAL *restrict d, const REAL *restrict choice, REAL *restrict dx) {
  const emc_windows z = *sizes;
  for (size_t i = 0; i < z.height * z.width * z.channels; i++) dx[i] = 0;
  for (size_t oy = 0; oy < z.out_height; oy++) {
    WINDOW_RANGE(top, bottom, row, oy, z.height)
    for (size_t ox = 0; ox < z.out_width; ox++, d += z.channels, choice += z.channels) {
      WINDOW_RANGE(left, right, column, ox, z.width)
      for (size_t i = top; i < bottom; i++)
        for (size_t j = left; j < right; j++) {
          REAL *to = dx + ((row + i - z.padding) * z.width + column + j - z.padding) * z.channels;
          const REAL place = (REAL)(i * z.size + j);
          for (size_t c = 0; c < z.channels; c++) to[c] += choice[c] == place ? d[c] : (REAL)0;
        }
    }
  }
}

EMC_KERNEL void NAME(windows_average)(const emc_windows *sizes, const REAL *restrict x, REAL *restrict y) {
  const emc_windows z = *sizes;
  const REAL share = (REAL)1 / (REAL)(z.size * z.size);
  for (size_t oy = 0; oy < z.out_height; oy++) {
    WINDOW_RANGE(top, bottom, row, oy, z.height)
    for (size_t ox = 0; ox < z.out_width; ox++, y += z.channels) {
      WINDOW_RANGE(left, right, column, ox, z.width)
      for (size_t c = 0; c < z.channels; c++) y[c] = 0;
      for (size_t i = top; i < bottom; i++)
        for (size_t j = left; j < right; j++) {
          const REAL *from = x + ((row + i - z.padding) * z.width + column + j - z.padding) * z.channels;
          for (size_t c = 0; c < z.channels; c++) y[c] += from[c];
        }
      for (size_t c = 0; c < z.channels; c++) y[c] *= share;
    }
  }
}

EMC_KERNEL void NAME(windows_spread)(const emc_windows *sizes, const REAL *restrict d, REAL *restrict dx) {
  const emc_windows z = *sizes;
  const REAL share = (REAL)1 / (REAL)(z.size * z.size);
  for (size_t i = 0; i < z.height * z.width * z.channels; i++) dx[i] = 0;
  for (size_t oy = 0; oy < z.out_height; oy++) {
    WINDOW_RANGE(top, bottom, row, oy, z.height)
    for (size_t ox = 0; ox < z.out_width; ox++, d += z.channels) {
      WINDOW_RANGE(left, right, column, ox, z.width)
      for (size_t i = top; i < bottom; i++)
        for (size_t j = left; j < right; j++) {
          REAL *to = dx + ((row + i - z.padding) * z.width + column + j - z.padding) * z.channels;
          for (size_t c = 0; c < z.channels; c++) to[c] += share * d[c];
        }
    }
  }
}
