// Depthwise convolution, images as (height, width, channels): included once for each precision.

/// Channels whose sums stay in registers.
#undef PANEL
#define PANEL 16

/// The taps of one output place that lie inside the image: first ≤ tap < last.
#undef TAP_RANGE
#define TAP_RANGE(first, last, place, extent)                                                       \
  const size_t first##_start = (place) * z.stride;                                                  \
  const size_t first = first##_start < z.padding ? z.padding - first##_start : 0;                   \
  const size_t last = (extent) + z.padding - first##_start < z.taps                                 \
      ? (extent) + z.padding - first##_start                                                        \
      : z.taps;

EMC_KERNEL void NAME(depthwise)(
    const emc_depthwise *sizes, const REAL *restrict x, const REAL *restrict weights, REAL keep,
    REAL *restrict y) {
  const emc_depthwise z = *sizes;
  for (size_t n = 0; n < z.images; n++, x += z.height * z.width * z.channels)
    for (size_t oy = 0; oy < z.out_height; oy++) {
      TAP_RANGE(top, bottom, oy, z.height)
      for (size_t ox = 0; ox < z.out_width; ox++, y += z.channels) {
        TAP_RANGE(left, right, ox, z.width)
        for (size_t c = 0; c < z.channels; c += PANEL) {
          const size_t width = z.channels - c < PANEL ? z.channels - c : PANEL;
          REAL sum[PANEL] = {0};
          for (size_t ky = top; ky < bottom; ky++)
            for (size_t kx = left; kx < right; kx++) {
              const REAL *xs =
                  x + ((top_start + ky - z.padding) * z.width + (left_start + kx - z.padding)) * z.channels + c;
              const REAL *ws = weights + (ky * z.taps + kx) * z.channels + c;
              if (width == PANEL)
                for (size_t j = 0; j < PANEL; j++) sum[j] += xs[j] * ws[j];
              else
                for (size_t j = 0; j < width; j++) sum[j] += xs[j] * ws[j];
            }
          for (size_t j = 0; j < width; j++) y[c + j] = keep == (REAL)0 ? sum[j] : keep * y[c + j] + sum[j];
        }
      }
    }
}

EMC_KERNEL void NAME(depthwise_backward_input)(
    const emc_depthwise *sizes, const REAL *restrict dy, const REAL *restrict weights, REAL keep,
    REAL *restrict dx) {
  const emc_depthwise z = *sizes;
  for (size_t n = 0; n < z.images; n++, dy += z.out_height * z.out_width * z.channels)
    for (size_t iy = 0; iy < z.height; iy++)
      for (size_t ix = 0; ix < z.width; ix++, dx += z.channels)
        for (size_t c = 0; c < z.channels; c += PANEL) {
          const size_t width = z.channels - c < PANEL ? z.channels - c : PANEL;
          REAL sum[PANEL] = {0};
          // Output place o reads input place o·stride + tap − padding.
          for (size_t ky = 0; ky < z.taps && ky <= iy + z.padding; ky++) {
            const size_t oy = (iy + z.padding - ky) / z.stride;
            if (oy * z.stride + ky != iy + z.padding || oy >= z.out_height) continue;
            for (size_t kx = 0; kx < z.taps && kx <= ix + z.padding; kx++) {
              const size_t ox = (ix + z.padding - kx) / z.stride;
              if (ox * z.stride + kx != ix + z.padding || ox >= z.out_width) continue;
              const REAL *ds = dy + (oy * z.out_width + ox) * z.channels + c;
              const REAL *ws = weights + (ky * z.taps + kx) * z.channels + c;
              if (width == PANEL)
                for (size_t j = 0; j < PANEL; j++) sum[j] += ds[j] * ws[j];
              else
                for (size_t j = 0; j < width; j++) sum[j] += ds[j] * ws[j];
            }
          }
          for (size_t j = 0; j < width; j++) dx[c + j] = keep == (REAL)0 ? sum[j] : keep * dx[c + j] + sum[j];
        }
}

EMC_KERNEL void NAME(depthwise_backward_weights)(
    const emc_depthwise *sizes, const REAL *restrict x, const REAL *restrict dy, REAL keep,
    REAL *restrict dweights) {
  const emc_depthwise z = *sizes;
  const size_t count = z.taps * z.taps * z.channels;
  if (keep == (REAL)0)
    for (size_t i = 0; i < count; i++) dweights[i] = 0;
  else if (keep != (REAL)1)
    for (size_t i = 0; i < count; i++) dweights[i] *= keep;
  for (size_t n = 0; n < z.images; n++) {
    const REAL *xs = x + n * z.height * z.width * z.channels;
    const REAL *ds = dy + n * z.out_height * z.out_width * z.channels;
    for (size_t oy = 0; oy < z.out_height; oy++) {
      TAP_RANGE(top, bottom, oy, z.height)
      for (size_t ky = top; ky < bottom; ky++) {
        const REAL *row = xs + (top_start + ky - z.padding) * z.width * z.channels;
        const REAL *d_row = ds + oy * z.out_width * z.channels;
        for (size_t kx = 0; kx < z.taps; kx++) {
          REAL *ws = dweights + (ky * z.taps + kx) * z.channels;
          // The output places whose tap kx lies inside the row.
          const size_t first = kx >= z.padding ? 0 : (z.padding - kx + z.stride - 1) / z.stride;
          size_t last = 0;
          if (z.width + z.padding > kx) last = (z.width + z.padding - kx - 1) / z.stride + 1;
          last = last < z.out_width ? last : z.out_width;
          for (size_t c = 0; c < z.channels; c += PANEL) {
            const size_t width = z.channels - c < PANEL ? z.channels - c : PANEL;
            REAL sum[PANEL] = {0};
            for (size_t ox = first; ox < last; ox++) {
              const REAL *from = row + (ox * z.stride + kx - z.padding) * z.channels + c;
              const REAL *slope = d_row + ox * z.channels + c;
              if (width == PANEL)
                for (size_t j = 0; j < PANEL; j++) sum[j] += from[j] * slope[j];
              else
                for (size_t j = 0; j < width; j++) sum[j] += from[j] * slope[j];
            }
            for (size_t j = 0; j < width; j++) ws[c + j] += sum[j];
          }
        }
      }
    }
  }
}
