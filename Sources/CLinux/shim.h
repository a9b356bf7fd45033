#ifndef MANATEE_CLINUX_SHIM_H
#define MANATEE_CLINUX_SHIM_H

#include <malloc.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/pidfd.h>

/// GNU's additions to posix_spawn, which the module of the C library hides.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
extern int posix_spawn_file_actions_addchdir_np(
    posix_spawn_file_actions_t *actions, const char *path);

/// GNU's additions to stdio, unistd and mman, which the module of the C library hides as well.
extern int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
extern int pipe2(int ends[2], int flags);
extern int memfd_create(const char *name, unsigned flags);

/// Swaps two paths of one file system, atomically.
static inline int manatee_exchange(const char *one, const char *other) {
    return renameat2(-100 /* AT_FDCWD */, one, -100, other, 2 /* RENAME_EXCHANGE */);
}

/// An anonymous file in memory that no child inherits by accident.
static inline int manatee_memory_file(const char *name) {
    return memfd_create(name, 1 /* MFD_CLOEXEC */);
}

/// The flag for a session of the child's own (POSIX_SPAWN_SETSID).
static const short manatee_spawn_setsid = 0x80;

#endif
