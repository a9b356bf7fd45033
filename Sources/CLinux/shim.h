#ifndef MANATEE_CLINUX_SHIM_H
#define MANATEE_CLINUX_SHIM_H

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

#endif
