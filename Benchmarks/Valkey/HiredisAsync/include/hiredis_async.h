// The yardsticks: GETs through hiredis's own asynchronous context.
#pragma once
#include <stddef.h>

/// A thread that runs an asynchronous context and takes commands from other threads.
typedef struct hiredis_async hiredis_async;

/// Told the value, or a null pointer for anything else, on the context's thread.
typedef void (*hiredis_async_receiver)(void *context, const char *value, size_t length);

/// Connects to a Unix socket; null if that fails.
hiredis_async *hiredis_async_start(const char *socket);
/// Sends a GET; may be called from any thread.
void hiredis_async_get(hiredis_async *self, const char *key, size_t length, hiredis_async_receiver receiver, void *context);
/// Ends the thread; nothing may be outstanding.
void hiredis_async_stop(hiredis_async *self);

/// GETs with a number of them outstanding at all times, each reply compared and answered by the next command from
/// within hiredis's own loop, no callers at all. Returns commands per second; negative if anything is wrong.
double hiredis_async_loop(const char *socket, long outstanding, long count);
