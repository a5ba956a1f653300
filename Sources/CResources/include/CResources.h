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

/// How many files of migrations/ there are.
size_t emc_migration_count(void);

/// The file of migrations/ at an index below the count, in order of number.
EmbeddedFile emc_migration(size_t index);
