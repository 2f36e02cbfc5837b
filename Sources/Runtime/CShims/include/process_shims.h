#pragma once

// Calls of Linux that Swift cannot import (fork), that are variadic (prctl), or whose headers the C library's
// module map leaves out (signalfd, eventfd, pipe2).

#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

/// fork(2). Sound only in a process with one thread; the caller checks that.
pid_t shopfn_fork(void);

/// Sets the name `ps` shows for the calling thread's process; at most 15 bytes are kept.
int shopfn_set_process_name(const char *name);

/// Asks for `signal` when the parent dies.
int shopfn_set_parent_death_signal(int signal);

/// A descriptor that reads the given signals, non-blocking and close-on-exec; -1 and errno on failure.
int shopfn_signalfd(const sigset_t *signals);

/// The next signal waiting on such a descriptor, or 0 when there is none, or -1 and errno.
int shopfn_next_signal(int descriptor);

/// A counter to wake a poll, non-blocking and close-on-exec; -1 and errno on failure.
int shopfn_eventfd(void);

/// A pipe's reading and writing end, close-on-exec from the first: whatever another thread starts meanwhile has neither.
/// -1 and errno on failure.
int shopfn_pipe(int ends[2]);

/// ppoll(2) for at most `nanoseconds`; for ever when that is negative.
int shopfn_poll(struct pollfd *descriptors, unsigned long count, int64_t nanoseconds);

/// Never returns, and never runs anything but this.
_Noreturn void shopfn_park_thread(void);

/// Has standard output hand on every line at once, also where it is no terminal: lines that a process kept to itself would
/// be seen late, or never if it is killed.
void shopfn_line_buffer_output(void);

/// Ends the process at once: no destructors run under threads that are still at work.
_Noreturn void shopfn_exit_now(int code);
