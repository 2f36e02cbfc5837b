#pragma once

// TLS on a socket's descriptor, by OpenSSL, for a thread that polls: no call waits.
//
// A connection is for one thread at a time; its user holds a lock around every call.

#include <stddef.h>
#include <sys/types.h>

typedef struct shopfn_tls_context shopfn_tls_context;
typedef struct shopfn_tls shopfn_tls;

enum {
    SHOPFN_TLS_FAILED = -1,
    SHOPFN_TLS_WANTS_READ = -2,
    SHOPFN_TLS_WANTS_WRITE = -3,
};

/// What clients share: the authorities of a PEM file, TLS 1.2 and later. NULL with the reason in `error`.
shopfn_tls_context *shopfn_tls_context_new(const char *authorities, char *error, size_t size);
void shopfn_tls_context_free(shopfn_tls_context *context);

/// A client's end on a connected, non-blocking socket, whose certificate must be valid for `name`, a host name or an
/// address. NULL with the reason in `error`.
shopfn_tls *shopfn_tls_new(shopfn_tls_context *context, int descriptor, const char *name, char *error, size_t size);
void shopfn_tls_free(shopfn_tls *tls);

/// Goes on with the handshake: 1 when it is done, else one of the above; when it failed, the reason is in `error`.
int shopfn_tls_handshake(shopfn_tls *tls, char *error, size_t size);

/// Bytes read, 0 at the end of the stream, or one of the above.
ssize_t shopfn_tls_read(shopfn_tls *tls, void *bytes, size_t count);

/// Bytes written, or one of the above.
ssize_t shopfn_tls_write(shopfn_tls *tls, const void *bytes, size_t count);

/// Tells the other end that nothing follows.
void shopfn_tls_end(shopfn_tls *tls);
