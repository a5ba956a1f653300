// Starting a program detached from this process; the pieces are GNU extensions that Swift doesn't import.
#pragma once
#include <sys/types.h>

/// Starts the program of an absolute path in a session of its own (a terminal's signals don't reach it), in
/// the root directory, with default signals and no descriptor but 0 (/dev/null), 1 and 2 (both `output`).
/// The arguments and the environment end with NULL. Returns 0 or an errno; the child is to be waited for.
int emc_spawn_detached(
    pid_t *child, const char *path, char *const arguments[], char *const environment[], int output);
