#pragma once

#include <sys/types.h>

/// How a child process is made.
struct shopfn_spawn_options {
    /// A descriptor the child gets as number 3, or -1.
    int descriptor3;
    /// A descriptor for the child's standard output and error, or -1 to share this process's.
    int output;
    /// The signal the child gets when the thread that made it ends, or 0. The caller's thread must outlive the child.
    int parent_death_signal;
};

/// Starts a program in a process group of its own, with an empty signal mask and default dispositions, all
/// descriptors beyond 3 closed. Returns 0, or the errno of what failed, exec included.
int shopfn_spawn(const char *path, char *const arguments[], char *const environment[],
                 const struct shopfn_spawn_options *options, pid_t *child);
