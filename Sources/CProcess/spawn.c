#define _GNU_SOURCE
#include "CProcess.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

int emc_spawn_detached(
    pid_t *child, const char *path, char *const arguments[], char *const environment[], int output) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t every, none;
  sigfillset(&every);
  sigemptyset(&none);

  int fault = posix_spawn_file_actions_init(&actions);
  if (fault) return fault;
  fault = posix_spawnattr_init(&attributes);
  if (fault) {
    posix_spawn_file_actions_destroy(&actions);
    return fault;
  }
  if (!(fault = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)) &&
      !(fault = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)) &&
      !(fault = posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)) &&
      !(fault = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)) &&
      !(fault = posix_spawn_file_actions_addchdir_np(&actions, "/")) &&
      !(fault = posix_spawnattr_setsigdefault(&attributes, &every)) &&
      !(fault = posix_spawnattr_setsigmask(&attributes, &none)) &&
      !(fault = posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)))
    fault = posix_spawn(child, path, &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return fault;
}
