/*
 * OpenSSL, loaded when it is used for the first time
 *
 * The compiler holds each function here against OpenSSL's header, so that none
 * can have other parameters than the real one.
 */
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <stddef.h>

#ifdef LAZY
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#endif

#include "lazy/openssl.h"

#ifdef LAZY

/* Functions of another version could have other parameters. It needs libcrypto,
 * so that the dynamic linker loads and searches that, too. */
#define AS_TEXT(x)	AS_TEXT_OF(x)
#define AS_TEXT_OF(x)	#x
#define LIBRARY		"libssl.so." AS_TEXT(OPENSSL_SHLIB_VERSION)
#define WHY_SIZE	256

/* All that tls.c and chat-etcd call, by itself or through a macro: type, name,
 * parameters and arguments of those with a value; the same of others. */
#define FUNCTIONS(VALUE, VOID)						\
	VALUE(long, BIO_ctrl, (BIO *b, int c, long n, void *p),		\
	    (b, c, n, p))						\
	VALUE(BIO *, BIO_new, (const BIO_METHOD *m), (m))		\
	VALUE(const BIO_METHOD *, BIO_s_mem, (void), ())		\
	VALUE(int, CRYPTO_get_ex_new_index, (int c, long n, void *p,	\
	    CRYPTO_EX_new *a, CRYPTO_EX_dup *d, CRYPTO_EX_free *f),	\
	    (c, n, p, a, d, f))						\
	VOID(ERR_clear_error, (void), ())				\
	VALUE(unsigned long, ERR_get_error, (void), ())			\
	VALUE(unsigned long, ERR_peek_error, (void), ())		\
	VALUE(const char *, ERR_reason_error_string, (unsigned long e), (e)) \
	VALUE(int, EVP_MD_get_type, (const EVP_MD *m), (m))		\
	VALUE(const EVP_MD *, EVP_sha256, (void), ())			\
	VALUE(unsigned char *, HMAC, (const EVP_MD *m, const void *k, int l, \
	    const unsigned char *s, size_t n, unsigned char *d,		\
	    unsigned int *z), (m, k, l, s, n, d, z))			\
	VALUE(int, OPENSSL_init_ssl, (uint64_t o,			\
	    const OPENSSL_INIT_SETTINGS *i), (o, i))			\
	VALUE(int, RAND_bytes, (unsigned char *b, int n), (b, n))	\
	VALUE(int, RAND_priv_bytes, (unsigned char *b, int n), (b, n))	\
	VALUE(const SSL_CIPHER *, SSL_CIPHER_find, (SSL *s,		\
	    const unsigned char *n), (s, n))				\
	VALUE(uint64_t, SSL_CTX_clear_options, (SSL_CTX *x, uint64_t o), \
	    (x, o))							\
	VALUE(long, SSL_CTX_ctrl, (SSL_CTX *x, int c, long n, void *p),	\
	    (x, c, n, p))						\
	VOID(SSL_CTX_free, (SSL_CTX *x), (x))				\
	VALUE(SSL_CTX *, SSL_CTX_new, (const SSL_METHOD *m), (m))	\
	VALUE(int, SSL_CTX_load_verify_locations, (SSL_CTX *x,		\
	    const char *f, const char *d), (x, f, d))			\
	VALUE(int, SSL_CTX_set_alpn_protos, (SSL_CTX *x,		\
	    const unsigned char *p, unsigned n), (x, p, n))		\
	VOID(SSL_CTX_set_cert_verify_callback, (SSL_CTX *x,		\
	    int (*f)(X509_STORE_CTX *, void *), void *p), (x, f, p))	\
	VALUE(int, SSL_CTX_set_ciphersuites, (SSL_CTX *x, const char *n), \
	    (x, n))							\
	VOID(SSL_CTX_set_default_passwd_cb, (SSL_CTX *x,		\
	    pem_password_cb *f), (x, f))				\
	VALUE(int, SSL_CTX_set_max_early_data, (SSL_CTX *x, uint32_t n), \
	    (x, n))							\
	VALUE(int, SSL_CTX_set_num_tickets, (SSL_CTX *x, size_t n), (x, n)) \
	VALUE(uint64_t, SSL_CTX_set_options, (SSL_CTX *x, uint64_t o),	\
	    (x, o))							\
	VOID(SSL_CTX_set_psk_find_session_callback, (SSL_CTX *x,	\
	    SSL_psk_find_session_cb_func f), (x, f))			\
	VOID(SSL_CTX_set_psk_use_session_callback, (SSL_CTX *x,		\
	    SSL_psk_use_session_cb_func f), (x, f))			\
	VOID(SSL_CTX_set_verify, (SSL_CTX *x, int m, SSL_verify_cb f),	\
	    (x, m, f))							\
	VALUE(int, SSL_CTX_use_PrivateKey_file, (SSL_CTX *x,		\
	    const char *f, int t), (x, f, t))				\
	VALUE(int, SSL_CTX_use_certificate_chain_file, (SSL_CTX *x,	\
	    const char *f), (x, f))					\
	VOID(SSL_SESSION_free, (SSL_SESSION *s), (s))			\
	VALUE(void *, SSL_SESSION_get_ex_data, (const SSL_SESSION *s,	\
	    int i), (s, i))						\
	VALUE(uint8_t, SSL_SESSION_get_max_fragment_length,		\
	    (const SSL_SESSION *s), (s))				\
	VALUE(SSL_SESSION *, SSL_SESSION_new, (void), ())		\
	VALUE(int, SSL_SESSION_set1_master_key, (SSL_SESSION *s,	\
	    const unsigned char *k, size_t n), (s, k, n))		\
	VALUE(int, SSL_SESSION_set_cipher, (SSL_SESSION *s,		\
	    const SSL_CIPHER *c), (s, c))				\
	VALUE(int, SSL_SESSION_set_ex_data, (SSL_SESSION *s, int i,	\
	    void *p), (s, i, p))					\
	VALUE(int, SSL_SESSION_set_protocol_version, (SSL_SESSION *s,	\
	    int v), (s, v))						\
	VALUE(long, SSL_ctrl, (SSL *s, int c, long n, void *p),		\
	    (s, c, n, p))						\
	VALUE(int, SSL_do_handshake, (SSL *s), (s))			\
	VOID(SSL_free, (SSL *s), (s))					\
	VOID(SSL_get0_alpn_selected, (const SSL *s,			\
	    const unsigned char **p, unsigned *n), (s, p, n))		\
	VALUE(X509_VERIFY_PARAM *, SSL_get0_param, (SSL *s), (s))	\
	VALUE(int, SSL_get_error, (const SSL *s, int n), (s, n))	\
	VALUE(void *, SSL_get_ex_data, (const SSL *s, int i), (s, i))	\
	VALUE(int, SSL_get_key_update_type, (const SSL *s), (s))	\
	VALUE(SSL_SESSION *, SSL_get_session, (const SSL *s), (s))	\
	VALUE(long, SSL_get_verify_result, (const SSL *s), (s))		\
	VALUE(int, SSL_get_wfd, (const SSL *s), (s))			\
	VALUE(int, SSL_in_init, (const SSL *s), (s))			\
	VALUE(int, SSL_key_update, (SSL *s, int t), (s, t))		\
	VALUE(SSL *, SSL_new, (SSL_CTX *x), (x))			\
	VALUE(int, SSL_pending, (const SSL *s), (s))			\
	VALUE(int, SSL_read, (SSL *s, void *b, int n), (s, b, n))	\
	VALUE(int, SSL_session_reused, (const SSL *s), (s))		\
	VOID(SSL_set0_rbio, (SSL *s, BIO *b), (s, b))			\
	VALUE(int, SSL_set1_host, (SSL *s, const char *h), (s, h))	\
	VOID(SSL_set_accept_state, (SSL *s), (s))			\
	VOID(SSL_set_connect_state, (SSL *s), (s))			\
	VALUE(int, SSL_set_ex_data, (SSL *s, int i, void *p), (s, i, p)) \
	VALUE(int, SSL_set_fd, (SSL *s, int fd), (s, fd))		\
	VALUE(int, SSL_set_rfd, (SSL *s, int fd), (s, fd))		\
	VALUE(int, SSL_set_wfd, (SSL *s, int fd), (s, fd))		\
	VALUE(int, SSL_shutdown, (SSL *s), (s))				\
	VALUE(int, SSL_write, (SSL *s, const void *b, int n), (s, b, n)) \
	VALUE(const SSL_METHOD *, TLS_client_method, (void), ())	\
	VALUE(const SSL_METHOD *, TLS_server_method, (void), ())	\
	VALUE(int, X509_VERIFY_PARAM_set1_ip_asc, (X509_VERIFY_PARAM *v, \
	    const char *a), (v, a))					\
	VALUE(const char *, X509_verify_cert_error_string, (long n), (n))

/* Names and types of C, which parentheses can't stand around.
 * NOLINTBEGIN(bugprone-macro-parentheses) */
#define POINTER(type, name, parameters, arguments) type (*name) parameters;
#define VOID_POINTER(name, parameters, arguments) void (*name) parameters;
static struct {
	FUNCTIONS(POINTER, VOID_POINTER)
} library;

#define CALL(type, name, parameters, arguments)				\
	type name parameters { return library.name arguments; }
#define VOID_CALL(name, parameters, arguments)				\
	void name parameters { library.name arguments; }
FUNCTIONS(CALL, VOID_CALL)

/* Where in the library's pointers is which function's. */
#define PLACE(type, name, parameters, arguments) VOID_PLACE(name, , )
#define VOID_PLACE(name, parameters, arguments)				\
	{ #name, (char *)&library.name },
static const struct place {
	const char	*name;
	char		*pointer;
} places[] = {
	FUNCTIONS(PLACE, VOID_PLACE)
};
/* NOLINTEND(bugprone-macro-parentheses) */

/* Returns whether all of them are there; otherwise dlerror(3) has the reason.
 * POSIX has it that what dlsym(3) returns can be a function's address. */
static bool
find_functions(void *handle)
{
	void *function;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		function = dlsym(handle, places[i].name);
		if (function == NULL)
			return false;
		memcpy(places[i].pointer, &function, sizeof(function));
	}
	return true;
}

const char *
openssl_load(void)
{
	static char why[WHY_SIZE];
	static bool loaded;
	void *handle;

	if (loaded)
		return NULL;
	handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	loaded = handle != NULL && find_functions(handle);
	if (loaded)
		return NULL;
	(void)snprintf(why, sizeof(why), "keys and certificates need "
	    "OpenSSL, which cannot be loaded: %s", dlerror());
	return why;
}

#else

const char *
openssl_load(void)
{
	return NULL;
}

#endif
