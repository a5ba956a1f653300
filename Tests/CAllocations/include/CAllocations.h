/// Counts heap allocations, so that a test can hold code to making none.
///
/// The executable's `malloc` and its kin come before the C library's and pass on to them; glibc only. Elsewhere
/// nothing is counted, and `emc_counts_allocations` says so.
#pragma once

/// Whether allocations are counted on this system.
int emc_counts_allocations(void);

/// Allocations that this thread has made so far.
long emc_allocations_of_this_thread(void);
