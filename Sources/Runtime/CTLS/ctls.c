#include "ctls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

static void describe(char *error, size_t size, const char *what) {
    unsigned long code = ERR_peek_last_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    snprintf(error, size, "%s: %s", what, reason ? reason : (errno ? strerror(errno) : "unknown error"));
    ERR_clear_error();
}

shopfn_tls_context *shopfn_tls_context_new(const char *authorities, char *error, size_t size) {
    ERR_clear_error();
    errno = 0;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (!context) {
        describe(error, size, "TLS");
        return NULL;
    }
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    if (SSL_CTX_load_verify_locations(context, authorities, NULL) != 1) {
        describe(error, size, authorities);
        SSL_CTX_free(context);
        return NULL;
    }
    return (shopfn_tls_context *)context;
}

void shopfn_tls_context_free(shopfn_tls_context *context) { SSL_CTX_free((SSL_CTX *)context); }

shopfn_tls *shopfn_tls_new(shopfn_tls_context *context, int descriptor, const char *name, char *error, size_t size) {
    ERR_clear_error();
    errno = 0;
    SSL *ssl = SSL_new((SSL_CTX *)context);
    if (!ssl) {
        describe(error, size, "TLS");
        return NULL;
    }
    unsigned char address[sizeof(struct in6_addr)];
    int is_address = inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1;
    int is_right = is_address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1
                              : SSL_set1_host(ssl, name) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
    if (!is_right || SSL_set_fd(ssl, descriptor) != 1) {
        describe(error, size, name);
        SSL_free(ssl);
        return NULL;
    }
    SSL_set_connect_state(ssl);
    return (shopfn_tls *)ssl;
}

void shopfn_tls_free(shopfn_tls *tls) { SSL_free((SSL *)tls); }

static int outcome(SSL *ssl, int result) {
    switch (SSL_get_error(ssl, result)) {
        case SSL_ERROR_WANT_READ: return SHOPFN_TLS_WANTS_READ;
        case SSL_ERROR_WANT_WRITE: return SHOPFN_TLS_WANTS_WRITE;
        case SSL_ERROR_ZERO_RETURN: return 0;
        // The socket's end without a farewell: frames tell by their lengths whether something is missing.
        case SSL_ERROR_SYSCALL: return errno == 0 ? 0 : SHOPFN_TLS_FAILED;
        case SSL_ERROR_SSL:
            return ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING ? 0
                                                                                               : SHOPFN_TLS_FAILED;
        default: return SHOPFN_TLS_FAILED;
    }
}

int shopfn_tls_handshake(shopfn_tls *tls, char *error, size_t size) {
    SSL *ssl = (SSL *)tls;
    ERR_clear_error();
    errno = 0;
    int result = SSL_do_handshake(ssl);
    if (result == 1) return 1;
    int kind = outcome(ssl, result);
    if (kind == SHOPFN_TLS_WANTS_READ || kind == SHOPFN_TLS_WANTS_WRITE) return kind;
    long verified = SSL_get_verify_result(ssl);
    if (verified != X509_V_OK) {
        snprintf(error, size, "the certificate is not trusted: %s", X509_verify_cert_error_string(verified));
        ERR_clear_error();
    } else if (kind == 0) {
        snprintf(error, size, "the TLS handshake failed: the connection was closed; does the gateway speak TLS?");
        ERR_clear_error();
    } else {
        describe(error, size, "the TLS handshake failed");
    }
    return SHOPFN_TLS_FAILED;
}

ssize_t shopfn_tls_read(shopfn_tls *tls, void *bytes, size_t count) {
    ERR_clear_error();
    errno = 0;
    size_t got = 0;
    int result = SSL_read_ex((SSL *)tls, bytes, count, &got);
    return result == 1 ? (ssize_t)got : outcome((SSL *)tls, result);
}

ssize_t shopfn_tls_write(shopfn_tls *tls, const void *bytes, size_t count) {
    ERR_clear_error();
    errno = 0;
    size_t written = 0;
    int result = SSL_write_ex((SSL *)tls, bytes, count, &written);
    if (result == 1) return (ssize_t)written;
    int kind = outcome((SSL *)tls, result);
    return kind == 0 ? SHOPFN_TLS_FAILED : kind;
}

void shopfn_tls_end(shopfn_tls *tls) {
    ERR_clear_error();
    SSL_shutdown((SSL *)tls);
    ERR_clear_error();
}
