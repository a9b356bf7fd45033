#ifndef MANATEE_CLINUX_SHIM_H
#define MANATEE_CLINUX_SHIM_H

#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>

/// Signals this process when its parent thread ends.
static inline int manatee_set_parent_death_signal(int signal_number) {
    return prctl(PR_SET_PDEATHSIG, signal_number);
}

/// Makes orphaned descendants children of this process, so that it can reap them.
static inline int manatee_become_subreaper(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/// GNU's additions to posix_spawn, which the module of the C library hides.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
extern int posix_spawn_file_actions_addchdir_np(
    posix_spawn_file_actions_t *actions, const char *path);

/// The flag for a session of the child's own (POSIX_SPAWN_SETSID).
static const short manatee_spawn_setsid = 0x80;

#endif
