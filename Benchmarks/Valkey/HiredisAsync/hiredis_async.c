#include "hiredis_async.h"
#include <errno.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

// What the context wants of its socket; one per context.
typedef struct {
    int reads;
    int writes;
} wants;

static void add_read(void *data) { ((wants *)data)->reads = 1; }
static void del_read(void *data) { ((wants *)data)->reads = 0; }
static void add_write(void *data) { ((wants *)data)->writes = 1; }
static void del_write(void *data) { ((wants *)data)->writes = 0; }
static void cleanup(void *data) { ((wants *)data)->reads = ((wants *)data)->writes = 0; }

static redisAsyncContext *connect_to(const char *socket, wants *wanted) {
    redisAsyncContext *context = redisAsyncConnectUnix(socket);
    if (!context || context->err) return NULL;
    context->ev.addRead = add_read;
    context->ev.delRead = del_read;
    context->ev.addWrite = add_write;
    context->ev.delWrite = del_write;
    context->ev.cleanup = cleanup;
    context->ev.data = wanted;
    wanted->reads = wanted->writes = 1;
    return context;
}

static struct pollfd waiting_for(redisAsyncContext *context, const wants *wanted) {
    short events = (short)((wanted->reads ? POLLIN : 0) | (wanted->writes ? POLLOUT : 0));
    return (struct pollfd){context->c.fd, events, 0};
}

static void handle(redisAsyncContext *context, short events) {
    if (events & (POLLIN | POLLHUP | POLLERR)) redisAsyncHandleRead(context);
    if (events & POLLOUT) redisAsyncHandleWrite(context);
}

// With callers.

typedef struct job {
    struct job *next;
    hiredis_async_receiver receiver;
    void *context;
    size_t length;
    char key[];
} job;

struct hiredis_async {
    pthread_mutex_t lock;
    job *first;
    job **last;
    int stopping;
    int wakeup;
    pthread_t thread;
    wants wanted;
    redisAsyncContext *context;
};

static void on_reply(redisAsyncContext *context, void *any, void *data) {
    (void)context;
    const redisReply *reply = any;
    job *mine = data;
    if (reply && reply->type == REDIS_REPLY_STRING) {
        mine->receiver(mine->context, reply->str, reply->len);
    } else {
        mine->receiver(mine->context, NULL, 0);
    }
    free(mine);
}

static void *run(void *data) {
    hiredis_async *self = data;
    for (;;) {
        struct pollfd fds[2] = {waiting_for(self->context, &self->wanted), {self->wakeup, POLLIN, 0}};
        if (poll(fds, 2, -1) < 0 && errno != EINTR) return NULL;
        handle(self->context, fds[0].revents);
        if (fds[1].revents) {
            uint64_t count;
            if (read(self->wakeup, &count, sizeof count) < 0) return NULL;
        }
        pthread_mutex_lock(&self->lock);
        job *jobs = self->first;
        self->first = NULL;
        self->last = &self->first;
        int stopping = self->stopping;
        pthread_mutex_unlock(&self->lock);
        if (stopping) break;
        while (jobs) {
            job *next = jobs->next;
            const char *arguments[] = {"GET", jobs->key};
            size_t lengths[] = {3, jobs->length};
            redisAsyncCommandArgv(self->context, on_reply, jobs, 2, arguments, lengths);
            jobs = next;
        }
    }
    redisAsyncFree(self->context);
    return NULL;
}

hiredis_async *hiredis_async_start(const char *socket) {
    hiredis_async *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->context = connect_to(socket, &self->wanted);
    self->wakeup = eventfd(0, EFD_CLOEXEC);
    self->last = &self->first;
    pthread_mutex_init(&self->lock, NULL);
    if (!self->context || self->wakeup < 0 || pthread_create(&self->thread, NULL, run, self)) {
        free(self);
        return NULL;
    }
    return self;
}

static void wake(hiredis_async *self) {
    uint64_t one = 1;
    if (write(self->wakeup, &one, sizeof one) < 0) abort();
}

void hiredis_async_get(hiredis_async *self, const char *key, size_t length, hiredis_async_receiver receiver, void *context) {
    job *mine = malloc(sizeof *mine + length);
    if (!mine) abort();
    *mine = (job){NULL, receiver, context, length};
    memcpy(mine->key, key, length);
    pthread_mutex_lock(&self->lock);
    int was_empty = self->first == NULL;
    *self->last = mine;
    self->last = &mine->next;
    pthread_mutex_unlock(&self->lock);
    if (was_empty) wake(self);
}

void hiredis_async_stop(hiredis_async *self) {
    pthread_mutex_lock(&self->lock);
    self->stopping = 1;
    pthread_mutex_unlock(&self->lock);
    wake(self);
    pthread_join(self->thread, NULL);
    close(self->wakeup);
    free(self);
}

// Without callers.

typedef struct {
    redisAsyncContext *context;
    long issued, answered, total;
    int wrong;
} loop_state;

typedef struct {
    loop_state *loop;
    long number;
} slot;

static void issue(slot *mine);

static void on_loop_reply(redisAsyncContext *context, void *any, void *data) {
    (void)context;
    const redisReply *reply = any;
    slot *mine = data;
    char expected[64];
    int length = snprintf(expected, sizeof expected, "value-%ld", mine->number);
    if (!reply || reply->type != REDIS_REPLY_STRING || (int)reply->len != length ||
        memcmp(reply->str, expected, reply->len)) {
        mine->loop->wrong = 1;
        return;
    }
    mine->loop->answered++;
    if (mine->loop->issued < mine->loop->total) issue(mine);
}

static void issue(slot *mine) {
    char key[64];
    int length = snprintf(key, sizeof key, "key-%ld", mine->number);
    const char *arguments[] = {"GET", key};
    size_t lengths[] = {3, (size_t)length};
    mine->loop->issued++;
    redisAsyncCommandArgv(mine->loop->context, on_loop_reply, mine, 2, arguments, lengths);
}

double hiredis_async_loop(const char *socket, long outstanding, long count) {
    wants wanted;
    loop_state loop = {connect_to(socket, &wanted), 0, 0, count, 0};
    slot *slots = calloc((size_t)outstanding, sizeof *slots);
    if (!loop.context || !slots) return -1;
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long number = 0; number < outstanding; number++) {
        slots[number] = (slot){&loop, number};
        issue(&slots[number]);
    }
    while (loop.answered < count && !loop.wrong) {
        struct pollfd fd = waiting_for(loop.context, &wanted);
        if (poll(&fd, 1, 5000) <= 0 && errno != EINTR) return -1;
        handle(loop.context, fd.revents);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    redisAsyncFree(loop.context);
    free(slots);
    if (loop.wrong) return -1;
    return (double)count / ((double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9);
}
