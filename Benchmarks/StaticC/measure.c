// Prints, in microseconds and one a line, how long it takes to fork and exec a program and have its answer.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

int main(int count, char **arguments) {
    if (count != 3) return fprintf(stderr, "usage: measure PROGRAM TIMES\n"), 2;
    static const char request[] = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (int time = atoi(arguments[2]); time > 0; time--) {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return perror("socketpair"), 1;
        double start = now();
        pid_t child = fork();
        if (child == 0) {
            dup2(ends[1], 0);
            dup2(ends[1], 1);
            execl(arguments[1], arguments[1], (char *)NULL);
            _exit(127);
        }
        char answer[4096];
        if (write(ends[0], request, sizeof request - 1) < 0 || read(ends[0], answer, sizeof answer) <= 0)
            return fprintf(stderr, "no answer\n"), 1;
        printf("%.1f\n", now() - start);
        int status;
        waitpid(child, &status, 0);
        close(ends[0]);
        close(ends[1]);
    }
    return 0;
}
