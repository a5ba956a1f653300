#include "CAllocations.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

static _Thread_local long allocations;
static _Thread_local long bytes_in_use;
static _Thread_local long peak_bytes;

long emc_allocations_of_this_thread(void) { return allocations; }

void emc_begin_peak(void) { bytes_in_use = peak_bytes = 0; }

long emc_peak_bytes(void) { return peak_bytes; }

#if defined(__GLIBC__)

#include <malloc.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

int emc_counts_allocations(void) { return 1; }

static void *counted(void *memory) {
  allocations++;
  bytes_in_use += (long)malloc_usable_size(memory);
  if (bytes_in_use > peak_bytes) peak_bytes = bytes_in_use;
  return memory;
}

void *malloc(size_t size) { return counted(__libc_malloc(size)); }

void *calloc(size_t count, size_t size) { return counted(__libc_calloc(count, size)); }

void *realloc(void *memory, size_t size) {
  bytes_in_use -= (long)malloc_usable_size(memory);
  return counted(__libc_realloc(memory, size));
}

void *memalign(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }

void *aligned_alloc(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }

int posix_memalign(void **memory, size_t alignment, size_t size) {
  void *made = counted(__libc_memalign(alignment, size));
  if (made == NULL) return ENOMEM;
  *memory = made;
  return 0;
}

void free(void *memory) {
  bytes_in_use -= (long)malloc_usable_size(memory);
  __libc_free(memory);
}

#else

int emc_counts_allocations(void) { return 0; }

#endif
