#define _GNU_SOURCE
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// Between fork and exec only async-signal-safe calls: other threads' locks may be held for ever in the child.
static _Noreturn void run(const char *path, char *const arguments[], char *const environment[],
                          const struct shopfn_spawn_options *options, pid_t parent, int report) {
    if (options->parent_death_signal != 0) {
        prctl(PR_SET_PDEATHSIG, options->parent_death_signal);
        if (getppid() != parent) _exit(127);
    }
    setpgid(0, 0);
    // The report must not stand where descriptor 3 is to be.
    int moved = fcntl(report, F_DUPFD_CLOEXEC, 10);
    if (moved < 0) goto failed;
    report = moved;
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, 0) < 0) goto failed;
    if (options->output >= 0 && (dup2(options->output, 1) < 0 || dup2(options->output, 2) < 0)) goto failed;
    if (options->descriptor3 >= 0) {
        int fd = options->descriptor3 == 3 ? fcntl(3, F_DUPFD_CLOEXEC, 10) : options->descriptor3;
        if (fd < 0 || dup2(fd, 3) < 0) goto failed;
    }
    close_range(options->descriptor3 >= 0 ? 4 : 3, (unsigned)report - 1, 0);
    close_range((unsigned)report + 1, ~0U, 0);
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(path, arguments, environment);
failed:;
    int error = errno;
    ssize_t written = write(report, &error, sizeof error);
    (void)written;
    _exit(127);
}

int shopfn_spawn(const char *path, char *const arguments[], char *const environment[],
                 const struct shopfn_spawn_options *options, pid_t *child) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    // No handler of this process may run in the child before it is the program.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) run(path, arguments, environment, options, parent, ends[1]);
    int error = pid < 0 ? errno : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    if (pid > 0) {
        ssize_t got;
        do got = read(ends[0], &error, sizeof error);
        while (got < 0 && errno == EINTR);
        if (got == (ssize_t)sizeof error) {
            int status;
            while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
        } else {
            error = 0;
            *child = pid;
        }
    }
    close(ends[0]);
    return error;
}
