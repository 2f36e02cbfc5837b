// The yardstick: GETs through hiredis's own asynchronous context, a number of them outstanding at all times.
//
// usage: hiredis_async SOCKET OUTSTANDING COUNT
// Prints the commands per second. Every reply is compared with the value expected.
#include <errno.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int wants_read, wants_write;
static void add_read(void *data) { (void)data; wants_read = 1; }
static void del_read(void *data) { (void)data; wants_read = 0; }
static void add_write(void *data) { (void)data; wants_write = 1; }
static void del_write(void *data) { (void)data; wants_write = 0; }
static void cleanup(void *data) { (void)data; wants_read = wants_write = 0; }

static long issued, answered, total, warmup;
static double started;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void issue(redisAsyncContext *context, long slot);

static void on_reply(redisAsyncContext *context, void *any, void *data) {
    const redisReply *reply = any;
    long slot = (long)data;
    char expected[64];
    int length = snprintf(expected, sizeof expected, "value-%ld", slot);
    if (!reply || reply->type != REDIS_REPLY_STRING || (int)reply->len != length ||
        memcmp(reply->str, expected, reply->len)) {
        fprintf(stderr, "wrong reply for slot %ld\n", slot);
        exit(1);
    }
    answered++;
    if (answered == warmup) started = now();
    if (issued < total + warmup) issue(context, slot);
}

static void issue(redisAsyncContext *context, long slot) {
    char key[64];
    int length = snprintf(key, sizeof key, "key-%ld", slot);
    const char *arguments[] = {"GET", key};
    size_t lengths[] = {3, (size_t)length};
    issued++;
    redisAsyncCommandArgv(context, on_reply, (void *)slot, 2, arguments, lengths);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: hiredis_async SOCKET OUTSTANDING COUNT\n");
        return 2;
    }
    long outstanding = atol(argv[2]);
    total = atol(argv[3]);
    warmup = total / 10;
    redisAsyncContext *context = redisAsyncConnectUnix(argv[1]);
    if (!context || context->err) {
        fprintf(stderr, "cannot connect: %s\n", context ? context->errstr : "no memory");
        return 3;
    }
    context->ev.addRead = add_read;
    context->ev.delRead = del_read;
    context->ev.addWrite = add_write;
    context->ev.delWrite = del_write;
    context->ev.cleanup = cleanup;
    context->ev.data = &wants_read;
    wants_read = wants_write = 1;
    for (long slot = 0; slot < outstanding; slot++) issue(context, slot);
    while (answered < total + warmup) {
        struct pollfd waiting = {context->c.fd, (short)((wants_read ? POLLIN : 0) | (wants_write ? POLLOUT : 0)), 0};
        if (poll(&waiting, 1, 5000) <= 0 && errno != EINTR) {
            fprintf(stderr, "the server does not answer\n");
            return 4;
        }
        if (waiting.revents & (POLLIN | POLLHUP | POLLERR)) redisAsyncHandleRead(context);
        if (waiting.revents & POLLOUT) redisAsyncHandleWrite(context);
    }
    printf("%.0f\n", (double)(answered - warmup) / (now() - started));
    return 0;
}
