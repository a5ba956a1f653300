#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

// libtiff reads through callbacks and reports faults by a handler with a variable list of arguments, which Swift can't
// write.

/// A TIFF in memory whose first image is read. Zero it before `tiff_reading_begin`; end it with `tiff_reading_end`.
typedef struct {
  const uint8_t *bytes;
  uint64_t size, at;
  TIFF *tiff;
  uint32_t height, width, channels;
  /// As the tag of that name has it; 1 where there is none.
  uint16_t orientation;
  /// Whether rows can be taken as they are: 1 or 2 bytes a sample, grey or colour, perhaps with opacity.
  int plain;
  uint16_t samples, bits, photometric;
  int warnings;
  char message[160], warning[160];
} tiff_reading;

static inline tmsize_t tiff_reading_read(thandle_t handle, void *target, tmsize_t count) {
  tiff_reading *reading = (tiff_reading *)handle;
  if (reading->at >= reading->size || count <= 0) return 0;
  uint64_t left = reading->size - reading->at;
  tmsize_t taken = (uint64_t)count < left ? count : (tmsize_t)left;
  memcpy(target, reading->bytes + reading->at, (size_t)taken);
  reading->at += (uint64_t)taken;
  return taken;
}

static inline tmsize_t tiff_reading_write(thandle_t handle, void *source, tmsize_t count) {
  (void)handle, (void)source, (void)count;
  return 0;
}

static inline toff_t tiff_reading_seek(thandle_t handle, toff_t offset, int from) {
  tiff_reading *reading = (tiff_reading *)handle;
  if (from == SEEK_CUR) offset += reading->at;
  if (from == SEEK_END) offset += reading->size;
  reading->at = offset;
  return offset;
}

static inline int tiff_reading_close(thandle_t handle) {
  (void)handle;
  return 0;
}

static inline toff_t tiff_reading_size(thandle_t handle) { return ((tiff_reading *)handle)->size; }

static inline int tiff_reading_fault(
    TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff, (void)module;
  tiff_reading *reading = (tiff_reading *)user;
  // The first is the reason of those that follow.
  if (reading->message[0] == 0) vsnprintf(reading->message, sizeof reading->message, format, arguments);
  return 1;
}

static inline int tiff_reading_warn(
    TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff, (void)module;
  tiff_reading *reading = (tiff_reading *)user;
  if (reading->warnings++ == 0) vsnprintf(reading->warning, sizeof reading->warning, format, arguments);
  return 1;
}

/// Reads up to the pixels: height, width, channels (1 or 3) and orientation are set then. libtiff takes no more than
/// `memory` bytes at once. 0 for a fault, told by `message`. The bytes and the structure stay where they are until the
/// reading ends.
static inline int tiff_reading_begin(tiff_reading *reading, const uint8_t *bytes, size_t count, size_t memory) {
  reading->bytes = bytes;
  reading->size = count;
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (options == NULL) return 0;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)memory);
  TIFFOpenOptionsSetErrorHandlerExtR(options, tiff_reading_fault, reading);
  TIFFOpenOptionsSetWarningHandlerExtR(options, tiff_reading_warn, reading);
  // Without mapping: the bytes are at hand.
  reading->tiff = TIFFClientOpenExt(
      "image", "rm", reading, tiff_reading_read, tiff_reading_write, tiff_reading_seek, tiff_reading_close,
      tiff_reading_size, NULL, NULL, options);
  TIFFOpenOptionsFree(options);
  if (reading->tiff == NULL) return 0;
  uint16_t planes = PLANARCONFIG_CONTIG, format = SAMPLEFORMAT_UINT, compression = COMPRESSION_NONE;
  if (!TIFFGetField(reading->tiff, TIFFTAG_IMAGEWIDTH, &reading->width) ||
      !TIFFGetField(reading->tiff, TIFFTAG_IMAGELENGTH, &reading->height))
    return 0;
  TIFFGetFieldDefaulted(reading->tiff, TIFFTAG_ORIENTATION, &reading->orientation);
  TIFFGetFieldDefaulted(reading->tiff, TIFFTAG_BITSPERSAMPLE, &reading->bits);
  TIFFGetFieldDefaulted(reading->tiff, TIFFTAG_SAMPLESPERPIXEL, &reading->samples);
  TIFFGetFieldDefaulted(reading->tiff, TIFFTAG_PLANARCONFIG, &planes);
  TIFFGetFieldDefaulted(reading->tiff, TIFFTAG_SAMPLEFORMAT, &format);
  TIFFGetFieldDefaulted(reading->tiff, TIFFTAG_COMPRESSION, &compression);
  int told = TIFFGetField(reading->tiff, TIFFTAG_PHOTOMETRIC, &reading->photometric);
  int grey = told && (reading->photometric == PHOTOMETRIC_MINISBLACK || reading->photometric == PHOTOMETRIC_MINISWHITE);
  int colour = told && reading->photometric == PHOTOMETRIC_RGB;
  reading->channels = grey ? 1 : 3;
  reading->plain = (grey || colour) && reading->samples >= reading->channels && reading->samples <= 16 &&
                   planes == PLANARCONFIG_CONTIG && (reading->bits == 8 || reading->bits == 16) &&
                   format == SAMPLEFORMAT_UINT && !TIFFIsTiled(reading->tiff);
  return 1;
}

/// Bytes that `tiff_reading_pixels` needs beside the pixels.
static inline size_t tiff_reading_scratch(const tiff_reading *reading) {
  tmsize_t row = reading->plain ? TIFFScanlineSize(reading->tiff) : 0;
  return row > 0 ? (size_t)row : (size_t)reading->width * reading->height * 4;
}

/// Reads the image into height × width × channels bytes, rows as they are stored: 16 bits a sample are rounded to 8,
/// opacity is left out and the colours under it stay. 0 for a fault, told by `message`.
static inline int tiff_reading_pixels(tiff_reading *reading, uint8_t *pixels, void *scratch) {
  const uint32_t channels = reading->channels, width = reading->width, height = reading->height;
  if (!reading->plain) {
    // What is rarer libtiff converts itself; asked for the orientation that there is, it turns nothing.
    uint32_t *raster = (uint32_t *)scratch;
    if (!TIFFReadRGBAImageOriented(reading->tiff, width, height, raster, reading->orientation, 1)) return 0;
    for (size_t pixel = 0; pixel < (size_t)width * height; pixel++) {
      pixels[pixel * channels] = TIFFGetR(raster[pixel]);
      if (channels == 1) continue;
      pixels[pixel * channels + 1] = TIFFGetG(raster[pixel]);
      pixels[pixel * channels + 2] = TIFFGetB(raster[pixel]);
    }
    return 1;
  }
  const uint8_t flip = reading->photometric == PHOTOMETRIC_MINISWHITE ? 255 : 0;
  if ((uint64_t)TIFFScanlineSize(reading->tiff) < (uint64_t)width * reading->samples * (reading->bits / 8)) {
    snprintf(reading->message, sizeof reading->message, "rows of another length");
    return 0;
  }
  for (uint32_t y = 0; y < height; y++) {
    if (TIFFReadScanline(reading->tiff, scratch, y, 0) != 1) return 0;
    uint8_t *row = pixels + (size_t)y * width * channels;
    for (uint32_t x = 0; x < width; x++)
      for (uint32_t channel = 0; channel < channels; channel++) {
        size_t sample = (size_t)x * reading->samples + channel;
        uint8_t value = reading->bits == 8 ? ((const uint8_t *)scratch)[sample]
                                           : (uint8_t)((((const uint16_t *)scratch)[sample] * 255u + 32895u) >> 16);
        row[x * channels + channel] = value ^ flip;
      }
  }
  return 1;
}

/// Lets go of the reader's memory.
static inline void tiff_reading_end(tiff_reading *reading) {
  if (reading->tiff != NULL) TIFFClose(reading->tiff);
}
