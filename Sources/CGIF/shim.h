#include <gif_lib.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

// giflib asks for bytes by a callback and keeps what it has read of colours in structures of pointers: here they
// become an image.

/// A GIF in memory whose first frame is read. Zero it before `gif_reading_begin`; end it with `gif_reading_end`.
typedef struct {
  const uint8_t *bytes;
  size_t left;
  GifFileType *file;
  uint32_t height, width;
  int transparent;
  char message[96];
} gif_reading;

static inline int gif_reading_take(GifFileType *file, GifByteType *target, int count) {
  gif_reading *reading = (gif_reading *)file->UserData;
  size_t taken = (size_t)count < reading->left ? (size_t)count : reading->left;
  memcpy(target, reading->bytes, taken);
  reading->bytes += taken;
  reading->left -= taken;
  return (int)taken;
}

static inline int gif_reading_fail(gif_reading *reading, int error) {
  const char *text = GifErrorString(error);
  snprintf(reading->message, sizeof reading->message, "%s", text == NULL ? "the file ends early" : text);
  return 0;
}

/// Reads up to the first frame: height and width of the canvas are set then. 0 for a fault, told by `message`. The
/// bytes and the structure stay where they are until the reading ends.
static inline int gif_reading_begin(gif_reading *reading, const uint8_t *bytes, size_t count) {
  int error = 0;
  reading->bytes = bytes;
  reading->left = count;
  reading->transparent = -1;
  reading->file = DGifOpen(reading, gif_reading_take, &error);
  if (reading->file == NULL) return gif_reading_fail(reading, error);
  GifFileType *file = reading->file;
  for (;;) {
    GifRecordType type;
    if (DGifGetRecordType(file, &type) != GIF_OK) return gif_reading_fail(reading, file->Error);
    if (type == IMAGE_DESC_RECORD_TYPE) break;
    if (type == TERMINATE_RECORD_TYPE) {
      snprintf(reading->message, sizeof reading->message, "no frame");
      return 0;
    }
    int code;
    GifByteType *block;
    if (DGifGetExtension(file, &code, &block) != GIF_OK) return gif_reading_fail(reading, file->Error);
    GraphicsControlBlock control;
    if (code == GRAPHICS_EXT_FUNC_CODE && block != NULL && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
      reading->transparent = control.TransparentColor;
    while (block != NULL)
      if (DGifGetExtensionNext(file, &block) != GIF_OK) return gif_reading_fail(reading, file->Error);
  }
  if (DGifGetImageDesc(file) != GIF_OK) return gif_reading_fail(reading, file->Error);
  // A frame that reaches beyond the canvas widens it.
  uint32_t right = (uint32_t)(file->Image.Left + file->Image.Width);
  uint32_t bottom = (uint32_t)(file->Image.Top + file->Image.Height);
  reading->width = (uint32_t)file->SWidth > right ? (uint32_t)file->SWidth : right;
  reading->height = (uint32_t)file->SHeight > bottom ? (uint32_t)file->SHeight : bottom;
  return 1;
}

/// Reads the frame into height × width × 3 bytes, on a canvas of the transparent colour, or of the first; transparent
/// pixels keep their colour. `line` has a byte for each pixel of a row. 0 for a fault, told by `message`.
static inline int gif_reading_pixels(gif_reading *reading, uint8_t *pixels, uint8_t *line) {
  GifFileType *file = reading->file;
  const ColorMapObject *map = file->Image.ColorMap != NULL ? file->Image.ColorMap : file->SColorMap;
  uint8_t colours[256][3];
  for (int colour = 0; colour < 256; colour++) {
    // Without a table, indices are shades of grey.
    const uint8_t grey = map == NULL ? (uint8_t)colour : 0;
    colours[colour][0] = colours[colour][1] = colours[colour][2] = grey;
    if (map == NULL || colour >= map->ColorCount) continue;
    colours[colour][0] = map->Colors[colour].Red;
    colours[colour][1] = map->Colors[colour].Green;
    colours[colour][2] = map->Colors[colour].Blue;
  }
  const uint8_t *ground = colours[reading->transparent < 0 ? 0 : reading->transparent & 255];
  for (size_t pixel = 0; pixel < (size_t)reading->height * reading->width; pixel++)
    memcpy(pixels + 3 * pixel, ground, 3);
  const int starts[] = {0, 4, 2, 1}, steps[] = {8, 8, 4, 2};
  const int passes = file->Image.Interlace ? 4 : 1;
  for (int pass = 0; pass < passes; pass++)
    for (int y = passes == 1 ? 0 : starts[pass]; y < file->Image.Height; y += passes == 1 ? 1 : steps[pass]) {
      if (DGifGetLine(file, line, file->Image.Width) != GIF_OK) return gif_reading_fail(reading, file->Error);
      uint8_t *row = pixels + 3 * ((size_t)(file->Image.Top + y) * reading->width + (size_t)file->Image.Left);
      for (int x = 0; x < file->Image.Width; x++) memcpy(row + 3 * x, colours[line[x]], 3);
    }
  return 1;
}

/// Lets go of the reader's memory.
static inline void gif_reading_end(gif_reading *reading) {
  if (reading->file != NULL) DGifCloseFile(reading->file, NULL);
}
