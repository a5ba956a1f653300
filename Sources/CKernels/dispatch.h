#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "CKernels.h"

/// One function, compiled for the base x86-64 and for AVX2 and AVX-512, picked when the program loads. On
/// other processors the base variant already has the vectors (NEON).
#if defined(__x86_64__) && defined(__linux__)
#define EMC_KERNEL __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define EMC_KERNEL
#endif

/// Inlined into each variant, so that it is compiled for that variant's vectors.
#define EMC_INLINE static inline __attribute__((always_inline))

/// Before a loop over elements whose pointers are equal or apart: no element waits for another, which the compiler would
/// else ask when it runs, and take equal pointers for a no.
#define EMC_IN_PLACE _Pragma("clang loop vectorize(assume_safety)")
