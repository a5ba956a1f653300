/// Counts heap allocations, so that a test can hold code to making none, and to the memory it said it takes.
///
/// The executable's `malloc` and its kin come before the C library's and pass on to them; glibc only. Elsewhere
/// nothing is counted, and `emc_counts_allocations` says so. All counts are of the calling thread.
#pragma once

/// Whether allocations are counted on this system.
int emc_counts_allocations(void);

/// Allocations so far.
long emc_allocations_of_this_thread(void);

/// Sets the bytes in use and their peak to zero.
void emc_begin_peak(void);

/// The most bytes in use at once since `emc_begin_peak`; memory that was made before and freed since counts
/// negative.
long emc_peak_bytes(void);
