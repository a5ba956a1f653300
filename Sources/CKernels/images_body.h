// Images (height, width, channels): padding, patches and pooling. Included once for each precision.

EMC_KERNEL void NAME(place_image)(
    size_t height, size_t row, const REAL *restrict x, size_t y_line, REAL *restrict y) {
  for (size_t i = 0; i < height; i++) memcpy(y + i * y_line, x + i * row, row * sizeof(REAL));
}

EMC_KERNEL void NAME(take_image)(
    size_t height, size_t row, const REAL *restrict x, size_t x_line, REAL *restrict y) {
  for (size_t i = 0; i < height; i++) memcpy(y + i * row, x + i * x_line, row * sizeof(REAL));
}

EMC_KERNEL void NAME(flip_weights)(
    size_t outputs, size_t places, size_t inputs, const REAL *restrict w, REAL *restrict flipped) {
  for (size_t t = 0; t < places; t++)
    for (size_t o = 0; o < outputs; o++)
      memcpy(
          flipped + (t * outputs + o) * inputs, w + (o * places + places - 1 - t) * inputs,
          inputs * sizeof(REAL));
}

EMC_KERNEL void NAME(add_transposed)(
    size_t rows, size_t columns, const REAL *restrict x, REAL keep, REAL *restrict y) {
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < columns; c++) {
      const REAL value = x[c * rows + r];
      y[r * columns + c] = keep == (REAL)0 ? value : keep * y[r * columns + c] + value;
    }
}

EMC_KERNEL void NAME(add_patches)(const emc_patches *patches, const REAL *restrict rows, REAL *restrict image) {
  for (size_t y = 0; y < patches->height; y++)
    for (size_t x = 0; x < patches->width; x++)
      for (size_t t = 0; t < patches->taps; t++, rows += patches->stretch) {
        REAL *to = image + y * patches->next_line + x * patches->place + t * patches->line;
        for (size_t i = 0; i < patches->stretch; i++) to[i] += rows[i];
      }
}

/// Chosen places are kept as numbers of REAL's own width, so that the loops over channels fill the vectors.
/// Channels of a window that stay in registers while its places are gone through.
#undef WINDOW_LANES
#define WINDOW_LANES 8

/// The largest of `count` channels over the places of one window, and which place it is at; NaN is largest.
EMC_INLINE void NAME(window_maximum)(
    size_t count, size_t window, const REAL *corner, size_t line, size_t channels, REAL *restrict y,
    REAL *restrict choice) {
  REAL largest[WINDOW_LANES], chosen[WINDOW_LANES];
  for (size_t c = 0; c < count; c++) {
    largest[c] = corner[c];
    chosen[c] = 0;
  }
  for (size_t i = 0; i < window; i++)
    for (size_t j = i == 0; j < window; j++) {
      const REAL *from = corner + i * line + j * channels;
      const REAL place = (REAL)(i * window + j);
      for (size_t c = 0; c < count; c++) {
        const int larger = (from[c] > largest[c]) | (from[c] != from[c]);
        largest[c] = larger ? from[c] : largest[c];
        chosen[c] = larger ? place : chosen[c];
      }
    }
  for (size_t c = 0; c < count; c++) {
    y[c] = largest[c];
    choice[c] = chosen[c];
  }
}

EMC_INLINE void NAME(maximum_of_windows)(
    size_t height, size_t width, size_t channels, size_t window, const REAL *x, REAL *restrict y,
    REAL *restrict choice) {
  const size_t line = width * channels;
  for (size_t py = 0; py < height / window; py++)
    for (size_t px = 0; px < width / window; px++, y += channels, choice += channels) {
      const REAL *corner = x + (py * width + px) * window * channels;
      size_t c = 0;
      for (; c + WINDOW_LANES <= channels; c += WINDOW_LANES)
        NAME(window_maximum)(WINDOW_LANES, window, corner + c, line, channels, y + c, choice + c);
      if (c < channels) NAME(window_maximum)(channels - c, window, corner + c, line, channels, y + c, choice + c);
    }
}

/// Windows of 2 × 2, the usual ones, have code of their own.
EMC_KERNEL void NAME(pool_maximum)(
    size_t height, size_t width, size_t channels, size_t window, const REAL *restrict x, REAL *restrict y,
    REAL *restrict choice) {
  if (window == 2) NAME(maximum_of_windows)(height, width, channels, 2, x, y, choice);
  else NAME(maximum_of_windows)(height, width, channels, window, x, y, choice);
}

EMC_KERNEL void NAME(pool_pick)(
    size_t height, size_t width, size_t channels, size_t window, const REAL *restrict x,
    const REAL *restrict choice, REAL *restrict y) {
  for (size_t py = 0; py < height / window; py++)
    for (size_t px = 0; px < width / window; px++, y += channels, choice += channels) {
      const REAL *corner = x + (py * width + px) * window * channels;
      for (size_t place = 0; place < window * window; place++) {
        const REAL *from = corner + (place / window * width + place % window) * channels;
        for (size_t c = 0; c < channels; c++) y[c] = choice[c] == (REAL)place ? from[c] : y[c];
      }
    }
}

/// Each of `count` channels to its place of one window, zeros to the others.
EMC_INLINE void NAME(window_scatter)(
    size_t count, size_t window, const REAL *restrict d, const REAL *restrict choice, size_t line, size_t channels,
    REAL *restrict corner) {
  // Read before any branch, so that there is none: which place is the largest can't be foreseen.
  REAL values[WINDOW_LANES], chosen[WINDOW_LANES];
  for (size_t c = 0; c < count; c++) {
    values[c] = d[c];
    chosen[c] = choice[c];
  }
  for (size_t i = 0; i < window; i++)
    for (size_t j = 0; j < window; j++) {
      REAL *to = corner + i * line + j * channels;
      const REAL place = (REAL)(i * window + j);
      for (size_t c = 0; c < count; c++) to[c] = chosen[c] == place ? values[c] : (REAL)0;
    }
}

EMC_INLINE void NAME(scatter_to_windows)(
    size_t height, size_t width, size_t channels, size_t window, const REAL *restrict d,
    const REAL *restrict choice, size_t line, REAL *restrict dx) {
  const size_t rows = height / window, columns = width / window;
  for (size_t py = 0; py < rows; py++) {
    for (size_t px = 0; px < columns; px++, d += channels, choice += channels) {
      REAL *corner = dx + py * window * line + px * window * channels;
      size_t c = 0;
      for (; c + WINDOW_LANES <= channels; c += WINDOW_LANES)
        NAME(window_scatter)(WINDOW_LANES, window, d + c, choice + c, line, channels, corner + c);
      if (c < channels) NAME(window_scatter)(channels - c, window, d + c, choice + c, line, channels, corner + c);
    }
    for (size_t i = 0; i < window; i++)
      for (size_t e = columns * window * channels; e < width * channels; e++)
        dx[(py * window + i) * line + e] = 0;
  }
  for (size_t y = rows * window; y < height; y++)
    for (size_t e = 0; e < width * channels; e++) dx[y * line + e] = 0;
}

EMC_KERNEL void NAME(pool_scatter)(
    size_t height, size_t width, size_t channels, size_t window, const REAL *restrict d,
    const REAL *restrict choice, size_t line, REAL *restrict dx) {
  if (window == 2) NAME(scatter_to_windows)(height, width, channels, 2, d, choice, line, dx);
  else NAME(scatter_to_windows)(height, width, channels, window, d, choice, line, dx);
}

EMC_KERNEL void NAME(pool_average)(
    size_t height, size_t width, size_t channels, size_t window, const REAL *restrict x, REAL *restrict y) {
  const REAL share = (REAL)1 / (REAL)(window * window);
  for (size_t py = 0; py < height / window; py++)
    for (size_t px = 0; px < width / window; px++, y += channels) {
      const REAL *corner = x + (py * window * width + px * window) * channels;
      for (size_t c = 0; c < channels; c++) y[c] = 0;
      for (size_t i = 0; i < window; i++)
        for (size_t j = 0; j < window; j++)
          for (size_t c = 0; c < channels; c++) y[c] += corner[(i * width + j) * channels + c];
      for (size_t c = 0; c < channels; c++) y[c] *= share;
    }
}

EMC_KERNEL void NAME(pool_average_backward)(
    size_t height, size_t width, size_t channels, size_t window, const REAL *restrict d, REAL *restrict dx) {
  const REAL share = (REAL)1 / (REAL)(window * window);
  const size_t rows = height / window, columns = width / window;
  for (size_t y = 0; y < height; y++)
    for (size_t x = 0; x < width; x++, dx += channels) {
      const size_t py = y / window, px = x / window;
      const REAL *from = d + (py * columns + px) * channels;
      const int covered = py < rows && px < columns;
      for (size_t c = 0; c < channels; c++) dx[c] = covered ? share * from[c] : (REAL)0;
    }
}
