#pragma once

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/// A context of HMAC-SHA256 that holds the key, to be copied for each message; NULL where there is no memory.
static inline EVP_MAC_CTX *c_hmac_sha256(const unsigned char *key, size_t count) {
    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(algorithm);
    EVP_MAC_free(algorithm);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_end(),
    };
    if (context != NULL && EVP_MAC_init(context, key, count, parameters) != 1) {
        EVP_MAC_CTX_free(context);
        return NULL;
    }
    return context;
}

/// The socket that OpenSSL reads from and writes to in place of its own socket BIO, which writes without MSG_NOSIGNAL
/// and keeps no errno.
struct c_tls_socket {
    int descriptor;
    /// The errno of the last call that failed for good; 0 for none.
    int error;
    /// 1 once the peer has sent its FIN and all before it was read.
    int is_at_end;
    /// The first byte that was read; -1 before it.
    int first_byte;
    /// 1 within a read.
    int is_reading;
    uint64_t bytes_written;
};

static inline int c_tls_socket_fail(BIO *bio, int retry_flags) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        BIO_set_flags(bio, retry_flags | BIO_FLAGS_SHOULD_RETRY);
    } else {
        ((struct c_tls_socket *)BIO_get_data(bio))->error = errno;
    }
    return -1;
}

static inline int c_tls_socket_write(BIO *bio, const char *bytes, int count) {
    struct c_tls_socket *peer = (struct c_tls_socket *)BIO_get_data(bio);
#ifdef MSG_NOSIGNAL
    int flags = MSG_NOSIGNAL;
#else
    int flags = 0; // SO_NOSIGPIPE, set once.
#endif
    ssize_t written;
    BIO_clear_retry_flags(bio);
    do {
        written = send(peer->descriptor, bytes, (size_t)count, flags);
    } while (written < 0 && errno == EINTR);
    if (written < 0) {
        int is_refused = errno == EPIPE || errno == ECONNRESET;
        // A read that has to write, for a change of keys, goes on without: what the peer sent before it went is still
        // to be had. The next write fails all the same.
        return is_refused && peer->is_reading ? count : c_tls_socket_fail(bio, BIO_FLAGS_WRITE);
    }
    peer->bytes_written += (uint64_t)written;
    return (int)written;
}

static inline int c_tls_socket_read(BIO *bio, char *bytes, int count) {
    struct c_tls_socket *peer = (struct c_tls_socket *)BIO_get_data(bio);
    ssize_t received;
    BIO_clear_retry_flags(bio);
    do {
        received = recv(peer->descriptor, bytes, (size_t)count, 0);
    } while (received < 0 && errno == EINTR);
    if (received < 0) return c_tls_socket_fail(bio, BIO_FLAGS_READ);
    if (received == 0) {
        peer->is_at_end = 1;
    } else if (peer->first_byte < 0) {
        peer->first_byte = (unsigned char)bytes[0];
    }
    return (int)received;
}

static inline long c_tls_socket_control(BIO *bio, int command, long number, void *pointer) {
    (void)number;
    (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH: return 1;
    case BIO_CTRL_EOF: return ((struct c_tls_socket *)BIO_get_data(bio))->is_at_end;
    default: return 0;
    }
}

/// The BIO's methods, to be made once for the process; NULL where there is no memory.
static inline BIO_METHOD *c_tls_socket_methods(void) {
    BIO_METHOD *methods = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    if (methods == NULL) return NULL;
    BIO_meth_set_write(methods, c_tls_socket_write);
    BIO_meth_set_read(methods, c_tls_socket_read);
    BIO_meth_set_ctrl(methods, c_tls_socket_control);
    return methods;
}

/// Lets a session read from and write to a socket, whose state must outlive the session; 0 where there is no memory.
static inline int c_tls_attach(SSL *session, const BIO_METHOD *methods, struct c_tls_socket *peer) {
    BIO *bio = BIO_new(methods);
    if (bio == NULL) return 0;
    BIO_set_data(bio, peer);
    BIO_set_init(bio, 1);
    SSL_set_bio(session, bio, bio);
#ifdef SO_NOSIGPIPE
    int yes = 1;
    setsockopt(peer->descriptor, SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes);
#endif
    return 1;
}

// Macros that Swift does not import.

/// Makes the settings that clients and servers have in common. Reading ahead takes one call of the system a record, not
/// two; an idle session gives its buffers back, 34 KB of them.
static inline void c_tls_set_up(SSL_CTX *context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(
        context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
}

static inline void c_tls_keep_no_sessions_inside(SSL_CTX *context) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
}

static inline int c_tls_set_server_name(SSL *session, const char *name) {
    return (int)SSL_set_tlsext_host_name(session, name);
}

/// The reason of the first error in this thread's queue, as `SSL_R_…` numbers it; 0 for none, -1 for one of another part
/// of the library.
static inline int c_first_error_reason(void) {
    unsigned long error = ERR_peek_error();
    if (error == 0) return 0;
    return ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : -1;
}

/// Adds the certificates that a store has in memory, not those in directories, to another one, or
/// counts them where that is NULL.
static inline int c_store_add_certificates(X509_STORE *from, X509_STORE *to) {
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(from);
    int count = 0;
    for (int place = 0; place < sk_X509_OBJECT_num(objects); place++) {
        X509 *certificate = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, place));
        if (certificate == NULL) continue;
        count += 1;
        if (to != NULL) X509_STORE_add_cert(to, certificate);
    }
    return count;
}

/// Calls `body` with the bytes of each subject alternative name that is a host's name or an address: 4 or 16 bytes.
static inline void c_certificate_each_name(
    X509 *certificate, void *state, void (*body)(void *state, int is_address, const unsigned char *bytes, int count)) {
    GENERAL_NAMES *names = (GENERAL_NAMES *)X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int place = 0; place < sk_GENERAL_NAME_num(names); place++) {
        int type;
        ASN1_STRING *value = (ASN1_STRING *)GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, place), &type);
        if (type != GEN_DNS && type != GEN_IPADD) continue;
        body(state, type == GEN_IPADD, ASN1_STRING_get0_data(value), ASN1_STRING_length(value));
    }
    GENERAL_NAMES_free(names);
}
