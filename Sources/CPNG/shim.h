#include <png.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

// libpng reports errors by longjmp, which Swift can't take part in: each function below ends every jump inside
// itself. libpng's simplified reading would need none of this, but reads interlaced images of 16 bits a channel
// wrongly (pnggroup/libpng#853) and recalculates colours by the file's gamma, which Pillow and others don't.

/// A PNG in memory that is being read. Zero it before `png_reading_begin`; end it with `png_reading_end`.
typedef struct {
  png_structp png;
  png_infop info;
  const uint8_t *bytes;
  size_t left;
  uint32_t height, width, channels;
  char message[96];
} png_reading;

static inline void png_reading_take(png_structp png, png_bytep target, size_t count) {
  png_reading *reading = (png_reading *)png_get_io_ptr(png);
  if (count > reading->left) png_error(png, "the file ends early");
  memcpy(target, reading->bytes, count);
  reading->bytes += count;
  reading->left -= count;
}

static inline void png_reading_fail(png_structp png, png_const_charp message) {
  png_reading *reading = (png_reading *)png_get_error_ptr(png);
  snprintf(reading->message, sizeof reading->message, "%s", message);
  png_longjmp(png, 1);
}

static inline void png_reading_warn(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

/// Reads up to the pixels: height, width and channels (1 or 3) are set then. 0 for a fault, told by `message`.
/// The bytes stay where they are until the reading ends.
static inline int png_reading_begin(png_reading *reading, const uint8_t *bytes, size_t count) {
  reading->bytes = bytes;
  reading->left = count;
  reading->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reading, png_reading_fail, png_reading_warn);
  if (reading->png == NULL) return 0;
  if (setjmp(png_jmpbuf(reading->png))) return 0;
  reading->info = png_create_info_struct(reading->png);
  if (reading->info == NULL) png_error(reading->png, "out of memory");
  png_set_read_fn(reading->png, reading, png_reading_take);
  png_read_info(reading->png, reading->info);
  reading->height = png_get_image_height(reading->png, reading->info);
  reading->width = png_get_image_width(reading->png, reading->info);
  reading->channels = png_get_color_type(reading->png, reading->info) & PNG_COLOR_MASK_COLOR ? 3 : 1;
  return 1;
}

/// Reads the whole image into height × width × channels bytes: 16 bits a channel are rounded to 8, fewer are
/// widened, opacity is left out and the colours under it stay. 0 for a fault, told by `message`.
static inline int png_reading_pixels(png_reading *reading, uint8_t *pixels) {
  png_structp png = reading->png;
  if (setjmp(png_jmpbuf(png))) return 0;
  png_set_expand(png);
  png_set_scale_16(png);
  png_set_strip_alpha(png);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, reading->info);
  size_t row = (size_t)reading->width * reading->channels;
  if (png_get_rowbytes(png, reading->info) != row) png_error(png, "rows of another length");
  for (; passes > 0; passes--)
    for (uint32_t y = 0; y < reading->height; y++) png_read_row(png, pixels + y * row, NULL);
  png_read_end(png, NULL);
  return 1;
}

/// Lets go of the reader's memory.
static inline void png_reading_end(png_reading *reading) {
  if (reading->png != NULL) png_destroy_read_struct(&reading->png, &reading->info, NULL);
}
