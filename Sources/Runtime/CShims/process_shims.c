#define _GNU_SOURCE
#include "process_shims.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

pid_t shopfn_fork(void) { return fork(); }

int shopfn_set_process_name(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }

int shopfn_set_parent_death_signal(int signal) { return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0); }

int shopfn_signalfd(const sigset_t *signals) { return signalfd(-1, signals, SFD_NONBLOCK | SFD_CLOEXEC); }

int shopfn_next_signal(int descriptor) {
    struct signalfd_siginfo info;
    ssize_t count = read(descriptor, &info, sizeof info);
    if (count == (ssize_t)sizeof info) return (int)info.ssi_signo;
    return count < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

int shopfn_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

int shopfn_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int shopfn_poll(struct pollfd *descriptors, unsigned long count, int64_t nanoseconds) {
    struct timespec timeout = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    return ppoll(descriptors, count, nanoseconds < 0 ? NULL : &timeout, NULL);
}

_Noreturn void shopfn_park_thread(void) {
    for (;;) pause();
}

void shopfn_line_buffer_output(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
}

_Noreturn void shopfn_exit_now(int code) {
    fflush(NULL);
    _exit(code);
}
