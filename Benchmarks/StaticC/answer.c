// Answers one request on standard input's socket, as small as a program can be: what a cold start is measured against.
#include <string.h>
#include <unistd.h>

int main(void) {
    static const char answer[] =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 14\r\n\r\nHello, world!\n";
    char request[4096];
    if (read(0, request, sizeof request) <= 0) return 1;
    return write(1, answer, sizeof answer - 1) == (ssize_t)(sizeof answer - 1) ? 0 : 1;
}
