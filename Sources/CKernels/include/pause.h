/// What a loop that waits for another thread does between two looks.
#pragma once

/// Tells the processor that this thread waits: it leaves the other thread of its core the execution units, and the bus.
static inline void emc_spin_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}
