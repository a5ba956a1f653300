// Files of the repository that the binary carries inside, so that it runs from any directory.
#pragma once
#include <stddef.h>

/// A file's name and bytes.
typedef struct {
  const char *name;
  const unsigned char *bytes;
  size_t count;
} EmbeddedFile;

/// openapi.yaml, the contract of the API.
extern const EmbeddedFile emc_openapi;
