/*
 * Wire: a connection to a member of etcd, plain or with TLS
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "lazy/openssl.h"
#include "wire.h"

static const unsigned char alpn[] = { 2, 'h', '2' };

/* The first of OpenSSL's reasons; the others follow from it. */
static const char *
openssl_reason(void)
{
	unsigned long code = ERR_get_error();
	const char *reason;

	ERR_clear_error();
	if (ERR_SYSTEM_ERROR(code))
		return strerror(ERR_GET_REASON(code));
	reason = ERR_reason_error_string(code);
	return reason == NULL ? "unknown error" : reason;
}

static void __attribute__((noreturn))
refuse(int option, const char *path)
{
	errx(2, "-%c %s: %s%s", option, path, openssl_reason(),
	    access(path, R_OK) == -1 ? "" : option == 'k' ?
	    "; it has to be PEM, without a password" : "; it has to be PEM");
}

/* Nobody can be asked: standard input is the room. */
static int
no_password(char *buf, int size, int is_writing, void *arg)
{
	(void)is_writing;
	(void)arg;
	if (size > 0)
		buf[0] = '\0';
	return -1;
}

struct ssl_ctx_st *
wire_context(const char *ca, const char *certificate, const char *key)
{
	const char *why = openssl_load();
	SSL_CTX *context;

	if (why != NULL)
		errx(2, "-C: %s", why);
	context = SSL_CTX_new(TLS_client_method());
	if (context == NULL ||
	    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
	    SSL_CTX_set_alpn_protos(context, alpn, sizeof(alpn)) != 0)
		errx(2, "OpenSSL: %s", openssl_reason());
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	(void)SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	(void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	if (SSL_CTX_load_verify_locations(context, ca, NULL) != 1)
		refuse('C', ca);
	if (certificate == NULL)
		return context;
	if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
		refuse('c', certificate);
	SSL_CTX_set_default_passwd_cb(context, no_password);
	if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
		refuse('k', key);
	return context;
}

/* A certificate names hosts and addresses apart. */
static bool
expect_host(SSL *ssl, const char *host)
{
	struct in6_addr in;

	if (inet_pton(AF_INET, host, &in) == 1 ||
	    inet_pton(AF_INET6, host, &in) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl),
		    host) == 1;
	return SSL_set_tlsext_host_name(ssl, host) == 1 &&
	    SSL_set1_host(ssl, host) == 1;
}

int
wire_open(struct wire *w, int fd, struct ssl_ctx_st *context, const char *host)
{
	memset(w, 0, sizeof(*w));
	w->fd = fd;
	w->events = POLLIN;
	if (context == NULL)
		return 0;
	w->ssl = SSL_new(context);
	if (w->ssl == NULL || SSL_set_fd(w->ssl, fd) != 1 ||
	    !expect_host(w->ssl, host)) {
		wire_close(w);
		return -1;
	}
	SSL_set_connect_state(w->ssl);
	w->shaking = true;
	return 0;
}

void
wire_close(struct wire *w)
{
	if (w->ssl != NULL) {
		SSL_free(w->ssl);
		ERR_clear_error();
	}
	w->ssl = NULL;
	if (w->fd != -1)
		(void)close(w->fd);
	w->fd = -1;
}

void
wire_context_free(struct ssl_ctx_st *context)
{
	if (context != NULL)
		SSL_CTX_free(context);
}

static ssize_t
ended(struct wire *w, const char *why)
{
	(void)snprintf(w->why, sizeof(w->why), "%s", why);
	return -1;
}

/* What OpenSSL's functions have returned, as ours do. */
static ssize_t
tls_result(struct wire *w, int n)
{
	int error = SSL_get_error(w->ssl, n), saved = errno;
	long verified;

	w->events = POLLIN;
	switch (error) {
	case SSL_ERROR_WANT_READ:
		return 0;
	case SSL_ERROR_WANT_WRITE:
		w->events = POLLIN | POLLOUT;
		return 0;
	case SSL_ERROR_ZERO_RETURN:
		return ended(w, "it has closed the connection");
	case SSL_ERROR_SYSCALL:
		return ended(w, saved == 0 ? "it has closed the connection" :
		    strerror(saved));
	}
	verified = SSL_get_verify_result(w->ssl);
	if (verified == X509_V_OK)
		return ended(w, openssl_reason());
	(void)snprintf(w->why, sizeof(w->why), "its certificate: %s",
	    X509_verify_cert_error_string(verified));
	return -1;
}

/* Returns 1 when it is over, or as wire_read(). */
static ssize_t
shake_hands(struct wire *w)
{
	const unsigned char *protocol;
	unsigned len;
	int n;

	if (!w->shaking)
		return 1;
	ERR_clear_error();
	n = SSL_do_handshake(w->ssl);
	if (n != 1)
		return tls_result(w, n);
	SSL_get0_alpn_selected(w->ssl, &protocol, &len);
	if (len != alpn[0] || memcmp(protocol, alpn + 1, len) != 0)
		return ended(w, "it does not speak HTTP/2");
	w->shaking = false;
	w->events = POLLIN;
	return 1;
}

static ssize_t
plain_result(struct wire *w, ssize_t n)
{
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return n == -1 ? ended(w, strerror(errno)) : n;
}

ssize_t
wire_read(struct wire *w, uint8_t *buf, size_t size)
{
	ssize_t n;

	if (w->ssl == NULL) {
		n = recv(w->fd, buf, size, 0);
		return n == 0 ? ended(w, "it has closed the connection") :
		    plain_result(w, n);
	}
	n = shake_hands(w);
	if (n != 1)
		return n;
	ERR_clear_error();
	n = SSL_read(w->ssl, buf, (int)size);
	return n > 0 ? n : tls_result(w, (int)n);
}

ssize_t
wire_write(struct wire *w, const uint8_t *buf, size_t len)
{
	ssize_t n;

	if (w->ssl == NULL) {
		n = plain_result(w, send(w->fd, buf, len, MSG_NOSIGNAL));
	} else {
		n = shake_hands(w);
		if (n == 1) {
			ERR_clear_error();
			n = SSL_write(w->ssl, buf, (int)len);
			n = n > 0 ? n : tls_result(w, (int)n);
		} else if (n == 0) {
			/* It waits for the other end, not for space. */
			w->blocked = false;
			return 0;
		}
	}
	w->blocked = n != -1 && (size_t)n < len;
	return n;
}
