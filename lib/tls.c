/*
 * TLS: an encrypted connection between two sides that share a key
 *
 * Every call to OpenSSL is in here, and its errors are cleared before each: an
 * old one would be taken for one of another connection.
 */
#include <sys/socket.h>

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "key.h"
#include "lazy/openssl.h"
#include "tls.h"

#define RECORD_SIZE	16384		/* most text that a record has */
#define DECOY_SIZE	32		/* of HMAC-SHA-256 */
#define SUITES		"TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"
#define GROUPS		"X25519:P-256"

/* AES-GCM is good for a bit more than that with one key (RFC 8446, 5.5). */
#define REKEY_RECORDS	(UINT32_C(1) << 23)

struct tls_context {
	SSL_CTX		*ssl;
	struct key	 key;		/* of a client */
	tls_find	*find;		/* of a room; NULL: it is a client */
	void		*arg;		/* for find */
	unsigned char	 decoy[DECOY_SIZE]; /* what makes decoys */
	int		 number;	/* where a session has its key's */
	unsigned char	 record[RECORD_SIZE]; /* pieces are joined here */
};

struct tls {
	SSL		*ssl;
	struct tls_context *context;	/* borrowed */
	const char	*why;		/* NULL: error has it */
	int		 error;
	uint32_t	 records;	/* written with the present key */
	uint16_t	 blocked;	/* length of a record that was taken and
					   isn't all in the socket */
	short		 wants;		/* of poll, for the handshake */
	bool		 proven;	/* the handshake is done */
	bool		 stuck;		/* a new key has to go out first */
	bool		 ending;	/* our half is to end ... */
	bool		 ended;		/* ... and has, or can't any more */
	bool		 eof;		/* their half has ended */
	bool		 dead;		/* nothing can be read any more */
	bool		 ahead;		/* the end came with other data */
	char		 claim[PERSON_MAX + 1];
};

enum outcome { AGAIN_IN, AGAIN_OUT, END, CUT, WRONG };

struct reason {
	int		 code;
	const char	*why;
};

static const struct reason client_reasons[] = {
	{ SSL_R_SSLV3_ALERT_ILLEGAL_PARAMETER,
	    "key rejected: the room does not know this name with this key" },
	{ SSL_R_TLSV1_ALERT_DECRYPT_ERROR,
	    "key rejected: the room does not know this name with this key" },
	{ SSL_R_TLSV1_ALERT_UNKNOWN_PSK_IDENTITY,
	    "key rejected: the room does not know this name with this key" },
	{ SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
	    "key rejected: the room wants another kind of proof" },
	{ SSL_R_CERTIFICATE_VERIFY_FAILED,
	    "not the room: it presents a certificate and does not have the "
	    "key" },
	{ SSL_R_TLSV1_ALERT_PROTOCOL_VERSION,
	    "not a chat room: it does not speak TLS 1.3" },
	{ SSL_R_UNSUPPORTED_PROTOCOL,
	    "not a chat room: it does not speak TLS 1.3" },
	{ SSL_R_WRONG_SSL_VERSION,
	    "not a chat room: it does not speak TLS 1.3" },
	{ SSL_R_WRONG_VERSION_NUMBER,
	    "not a chat room: it does not speak TLS" },
	{ SSL_R_UNEXPECTED_EOF_WHILE_READING,
	    "the room closed the connection during the handshake" },
	{ 0, NULL }
};

static const struct reason room_reasons[] = {
	{ SSL_R_BINDER_DOES_NOT_VERIFY, "key rejected" },
	{ SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, "it offers no key" },
	{ SSL_R_NO_SHARED_CIPHER, "no common encryption" },
	{ SSL_R_NO_SUITABLE_KEY_SHARE, "no common encryption" },
	{ SSL_R_UNSUPPORTED_PROTOCOL, "it does not speak TLS 1.3" },
	{ SSL_R_VERSION_TOO_LOW, "it does not speak TLS 1.3" },
	{ SSL_R_WRONG_VERSION_NUMBER, "it does not speak TLS" },
	{ SSL_R_HTTP_REQUEST, "it does not speak TLS" },
	{ SSL_R_UNEXPECTED_EOF_WHILE_READING,
	    "connection cut during the handshake" },
	{ 0, NULL }
};

/* After the handshake, on both sides. */
static const struct reason later_reasons[] = {
	{ SSL_R_UNEXPECTED_EOF_WHILE_READING,
	    "the connection was cut off" },
	{ SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC,
	    "the data received was modified on its way" },
	{ 0, NULL }
};

/* What OpenSSL calls it, where we have no words of our own. */
static const char *
reason_text(const struct reason *r, unsigned long error)
{
	const char *why = ERR_reason_error_string(error);

	for (; r->why != NULL; r++) {
		if (r->code == ERR_GET_REASON(error))
			return r->why;
	}
	return why == NULL ? "broken encryption" : why;
}

/* Remember why. An end that wasn't announced is no error of TLS alone. */
static enum outcome
remember_error(struct tls *t, unsigned long error)
{
	const struct reason *r = t->proven ? later_reasons :
	    t->context->find == NULL ? client_reasons : room_reasons;

	t->error = EPROTO;
	t->why = reason_text(r, error);
	return ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING ?
	    CUT : WRONG;
}

/* What the result of a call means that has gone wrong. */
static enum outcome
explain_result(struct tls *t, int result)
{
	int saved = errno;

	switch (SSL_get_error(t->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return AGAIN_IN;
	case SSL_ERROR_WANT_WRITE:
		return AGAIN_OUT;
	case SSL_ERROR_ZERO_RETURN:
		return END;
	case SSL_ERROR_SYSCALL:
		/* So said older ones of an end that wasn't announced. */
		if (saved == 0)
			return remember_error(t, ERR_PACK(ERR_LIB_SSL, 0,
			    SSL_R_UNEXPECTED_EOF_WHILE_READING));
		t->error = saved;
		t->why = NULL;
		return CUT;
	default:
		return remember_error(t, ERR_peek_error());
	}
}

static void
begin_call(void)
{
	ERR_clear_error();
	errno = 0;
}

/* A key as OpenSSL wants it. The suite only says which hash goes with it. */
static SSL_SESSION *
make_session(SSL *ssl, const unsigned char *bytes, size_t len)
{
	static const unsigned char suite[] = { 0x13, 0x01 };
	SSL_SESSION *s = SSL_SESSION_new();

	if (s != NULL && SSL_SESSION_set1_master_key(s, bytes, len) == 1 &&
	    SSL_SESSION_set_cipher(s, SSL_CIPHER_find(ssl, suite)) == 1 &&
	    SSL_SESSION_set_protocol_version(s, TLS1_3_VERSION) == 1)
		return s;
	SSL_SESSION_free(s);
	return NULL;
}

static int
offer_key(SSL *ssl, const EVP_MD *md, const unsigned char **id, size_t *idlen,
    SSL_SESSION **session)
{
	const struct tls *t = SSL_get_app_data(ssl);
	const struct key *key = &t->context->key;

	*session = NULL;
	/* The room has chosen a hash that doesn't go with a key. */
	if (md != NULL && EVP_MD_type(md) != NID_sha256)
		return 1;
	*session = make_session(ssl, key->bytes, key->len);
	*id = (const unsigned char *)key->name;
	*idlen = strlen(key->name);
	return *session != NULL;
}

/*
 * Nothing is proven yet. Whoever isn't known has a key, too, that nobody knows:
 * it fails in the same way and takes as long as a wrong one does, so that
 * nobody can find out who is known.
 */
static int
find_key(SSL *ssl, const unsigned char *id, size_t len, SSL_SESSION **session)
{
	struct tls *t = SSL_get_app_data(ssl);
	const struct tls_context *x = t->context;
	unsigned char decoy[EVP_MAX_MD_SIZE];
	const struct key *key = NULL;
	unsigned n;

	memset(t->claim, 0, sizeof(t->claim));
	memcpy(t->claim, id, len < PERSON_MAX ? len : PERSON_MAX);
	if (HMAC(EVP_sha256(), x->decoy, sizeof(x->decoy), id, len, decoy,
	    &n) == NULL)
		return 0;
	if (len <= PERSON_MAX && strlen(t->claim) == len)
		key = x->find(x->arg, t->claim);
	*session = key == NULL ? make_session(ssl, decoy, DECOY_SIZE) :
	    make_session(ssl, key->bytes, key->len);
	return *session != NULL && SSL_SESSION_set_ex_data(*session, x->number,
	    (void *)(uintptr_t)(key == NULL ? 0 : key->number)) == 1;
}

static int
trust_no_certificate(X509_STORE_CTX *store, void *arg)
{
	(void)store;
	(void)arg;
	return 0;
}

static bool
set_up(SSL_CTX *c)
{
	(void)SSL_CTX_clear_options(c, SSL_OP_ALLOW_NO_DHE_KEX |
	    SSL_OP_IGNORE_UNEXPECTED_EOF);
	(void)SSL_CTX_set_options(c, SSL_OP_NO_TICKET |
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	(void)SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	/* One record for each call, so a peer that sends nothing but key
	 * updates can't keep a call busy. */
	(void)SSL_CTX_clear_mode(c, SSL_MODE_AUTO_RETRY);
	SSL_CTX_set_verify(c, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(c, trust_no_certificate, NULL);
	return SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) == 1 &&
	    SSL_CTX_set_ciphersuites(c, SUITES) == 1 &&
	    SSL_CTX_set_max_early_data(c, 0) == 1 &&
	    SSL_CTX_set_num_tickets(c, 0) == 1 &&
	    SSL_CTX_set1_groups_list(c, GROUPS) == 1;
}

/* Without its file of settings OpenSSL opens nothing later, and random numbers
 * are drawn once so that what they take is there. */
static struct tls_context *
make_context(const SSL_METHOD *method(void), const char **why)
{
	unsigned char random[DECOY_SIZE];
	struct tls_context *x;

	*why = openssl_load();
	if (*why != NULL)
		return NULL;
	x = calloc(1, sizeof(*x));
	*why = "cannot initialise OpenSSL";
	if (x == NULL) {
		*why = strerror(errno);
		return NULL;
	}
	if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG |
	    OPENSSL_INIT_LOAD_SSL_STRINGS | OPENSSL_INIT_LOAD_CRYPTO_STRINGS,
	    NULL) == 1 && (x->ssl = SSL_CTX_new(method())) != NULL &&
	    set_up(x->ssl) && RAND_bytes(random, sizeof(random)) == 1 &&
	    RAND_priv_bytes(x->decoy, sizeof(x->decoy)) == 1)
		return x;
	tls_context_free(x);
	return NULL;
}

struct tls_context *
tls_for_client(const struct key *key, const char **why)
{
	struct tls_context *x = make_context(TLS_client_method, why);

	if (x == NULL)
		return NULL;
	x->key = *key;
	SSL_CTX_set_psk_use_session_callback(x->ssl, offer_key);
	return x;
}

struct tls_context *
tls_for_room(tls_find *find, void *arg, const char **why)
{
	struct tls_context *x = make_context(TLS_server_method, why);

	if (x == NULL)
		return NULL;
	x->find = find;
	x->arg = arg;
	x->number = SSL_SESSION_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	SSL_CTX_set_verify(x->ssl, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_psk_find_session_callback(x->ssl, find_key);
	return x;
}

void
tls_context_free(struct tls_context *x)
{
	if (x == NULL)
		return;
	SSL_CTX_free(x->ssl);
	freezero(x, sizeof(*x));
}

/* A client reads nothing yet: what comes first may be plain text. */
static bool
set_socket(struct tls *t, const struct tls_context *x, int fd)
{
	BIO *nothing;

	if (x->find != NULL)
		return SSL_set_fd(t->ssl, fd) == 1;
	nothing = BIO_new(BIO_s_mem());
	if (nothing == NULL)
		return false;
	(void)BIO_set_mem_eof_return(nothing, -1);
	SSL_set0_rbio(t->ssl, nothing);
	return SSL_set_wfd(t->ssl, fd) == 1;
}

bool
tls_start_reading(struct tls *t)
{
	return SSL_set_rfd(t->ssl, SSL_get_wfd(t->ssl)) == 1;
}

struct tls *
tls_new(struct tls_context *x, int fd)
{
	struct tls *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	begin_call();
	t->ssl = SSL_new(x->ssl);
	if (t->ssl == NULL || !set_socket(t, x, fd) ||
	    SSL_set_app_data(t->ssl, t) != 1) {
		SSL_free(t->ssl);
		free(t);
		return NULL;
	}
	t->context = x;
	if (x->find == NULL)
		SSL_set_connect_state(t->ssl);
	else
		SSL_set_accept_state(t->ssl);
	t->wants = POLLOUT;
	return t;
}

void
tls_free(struct tls *t)
{
	if (!t->ended && !t->dead && t->blocked == 0 && t->proven) {
		begin_call();
		(void)SSL_shutdown(t->ssl);
	}
	SSL_free(t->ssl);
	free(t);
}

/* A handshake without the key is none, whatever the settings would allow. */
static enum tls_step
finish_handshake(struct tls *t)
{
	t->wants = 0;
	t->proven = SSL_session_reused(t->ssl) == 1 &&
	    (t->context->find == NULL || tls_number(t) != 0);
	if (t->proven)
		return TLS_DONE;
	t->why = "key rejected";
	t->error = EPROTO;
	t->dead = true;
	return TLS_REFUSED;
}

enum tls_step
tls_handshake(struct tls *t)
{
	int n;

	begin_call();
	n = SSL_do_handshake(t->ssl);
	if (n == 1)
		return finish_handshake(t);
	switch (explain_result(t, n)) {
	case AGAIN_IN:
		t->wants = POLLIN;
		return TLS_GOES_ON;
	case AGAIN_OUT:
		t->wants = POLLOUT;
		return TLS_GOES_ON;
	case WRONG:
		t->dead = true;
		return TLS_REFUSED;
	default:
		t->dead = true;
		errno = t->error;
		return TLS_CUT;
	}
}

/*
 * Whether nothing can be read before something is written: a new key of ours,
 * or the rest of a record that one is to follow, because OpenSSL can't owe two.
 */
static bool
writes_first(const struct tls *t)
{
	return t->stuck || (t->blocked > 0 &&
	    SSL_get_key_update_type(t->ssl) != SSL_KEY_UPDATE_NONE);
}

short
tls_wants(const struct tls *t)
{
	return (short)(writes_first(t) ? POLLOUT : t->wants);
}

const char *
tls_claim(const struct tls *t)
{
	return t->claim;
}

uint64_t
tls_number(const struct tls *t)
{
	return (uint64_t)(uintptr_t)SSL_SESSION_get_ex_data(
	    SSL_get_session(t->ssl), t->context->number);
}

/* Read a record, or a part of one. Returns 0 if that isn't possible now, or
 * any more. */
static size_t
read_record(struct tls *t, char *buf, size_t size)
{
	enum outcome outcome;
	int n;

	begin_call();
	n = SSL_read(t->ssl, buf, (int)(size < INT_MAX ? size : INT_MAX));
	if (n > 0)
		return (size_t)n;
	outcome = explain_result(t, n);
	/* What it has read asks for a new key of ours, for example. */
	t->stuck |= outcome == AGAIN_OUT;
	t->eof = outcome == END;
	t->dead = outcome == CUT || outcome == WRONG;
	return 0;
}

ssize_t
tls_read(struct tls *t, void *buf, size_t size)
{
	size_t len = 0, n;
	int i;

	for (i = 0; i < TLS_RECORDS_MAX && len < size; i++) {
		if (t->eof || t->dead || writes_first(t))
			break;
		n = read_record(t, (char *)buf + len, size - len);
		if (n == 0)
			break;
		len += n;
	}
	t->ahead = len > 0 && (t->eof || t->dead);
	if (len > 0 || t->eof)
		return (ssize_t)len;
	if (!t->dead)
		t->why = NULL;
	errno = t->dead ? t->error : EAGAIN;
	return -1;
}

/* Nothing can be written any more. */
static int
break_off(struct tls *t)
{
	t->blocked = 0;
	t->stuck = false;
	t->ended = true;
	errno = t->error;
	return -1;
}

static int
wait_to_write(struct tls *t)
{
	if (!t->dead)
		t->why = NULL;
	errno = EAGAIN;
	return -1;
}

/* The length of the next record: the peer may have asked for shorter ones (RFC
 * 6066). What goes into one call has to be one record, so that a call again
 * never looks at the text. */
static size_t
record_length(const struct tls *t, size_t len)
{
	unsigned int code = SSL_SESSION_get_max_fragment_length(
	    SSL_get_session(t->ssl));
	size_t most = RECORD_SIZE;

	if (code >= TLSEXT_max_fragment_length_512 &&
	    code <= TLSEXT_max_fragment_length_4096)
		most = (size_t)256 << code;
	return len < most ? len : most;
}

/*
 * Write a record, of the first bytes. If the socket doesn't take all of it, it
 * is taken all the same, unless a new key has to go out first. Returns the
 * length, or -1.
 */
static ssize_t
write_record(struct tls *t, const void *buf, size_t len)
{
	enum outcome outcome;
	int n;

	if (t->records >= REKEY_RECORDS &&
	    SSL_key_update(t->ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1)
		t->records = 0;
	len = record_length(t, len);
	begin_call();
	n = SSL_write(t->ssl, buf, (int)len);
	if (n > 0) {
		t->records++;
		return n;
	}
	outcome = explain_result(t, n);
	if (outcome == AGAIN_IN)
		return wait_to_write(t);
	if (outcome != AGAIN_OUT)
		return break_off(t);
	t->stuck = SSL_in_init(t->ssl) == 1;
	if (t->stuck)
		return wait_to_write(t);
	t->records++;
	t->blocked = (uint16_t)len;
	return (ssize_t)len;
}

/* What was kept of a record, of which only the length counts, or a new key. */
static int
write_rest(struct tls *t)
{
	enum outcome outcome;
	int n;

	if (t->blocked == 0 && !t->stuck)
		return 0;
	begin_call();
	n = t->stuck ? SSL_do_handshake(t->ssl) :
	    SSL_write(t->ssl, t->context->record, t->blocked);
	/* A part would mean that others' text has gone out. */
	if (n > 0 && !t->stuck && n != t->blocked) {
		t->error = EPROTO;
		return break_off(t);
	}
	if (n > 0) {
		t->blocked = 0;
		t->stuck = false;
		return 0;
	}
	outcome = explain_result(t, n);
	return outcome == AGAIN_OUT || outcome == AGAIN_IN ?
	    wait_to_write(t) : break_off(t);
}

static int
end_writing(struct tls *t)
{
	int n;

	begin_call();
	n = SSL_shutdown(t->ssl);
	if (n < 0 && explain_result(t, n) == AGAIN_OUT)
		return wait_to_write(t);
	t->ended = true;
	return shutdown(SSL_get_wfd(t->ssl), SHUT_WR);
}

int
tls_flush(struct tls *t)
{
	if (write_rest(t) == -1)
		return -1;
	return t->ending && !t->ended ? end_writing(t) : 0;
}

int
tls_shutdown(struct tls *t)
{
	if (t->ended || !t->proven)
		return shutdown(SSL_get_wfd(t->ssl), SHUT_WR);
	t->ending = true;
	return tls_flush(t) == -1 && errno != EAGAIN ? -1 : 0;
}

/* A place in pieces of memory. */
struct place {
	const struct iovec *iov;
	int		 n;
	size_t		 done;		/* of the first one */
};

static void
advance_place(struct place *p, size_t len)
{
	while (p->n > 0 && len >= p->iov->iov_len - p->done) {
		len -= p->iov->iov_len - p->done;
		p->done = 0;
		p->iov++;
		p->n--;
	}
	p->done += len;
}

/* Join what makes up the next record, where it isn't one piece anyway. */
static const void *
gather(const struct place *p, unsigned char *buf, size_t *len)
{
	size_t i, n, from = p->done;
	const char *first = p->n > 0 ? p->iov->iov_base : NULL;

	*len = p->n > 0 ? p->iov->iov_len - from : 0;
	if (*len >= RECORD_SIZE || p->n <= 1) {
		*len = *len < RECORD_SIZE ? *len : RECORD_SIZE;
		return first + from;
	}
	*len = 0;
	for (i = 0; i < (size_t)p->n && *len < RECORD_SIZE; i++, from = 0) {
		n = p->iov[i].iov_len - from;
		n = n < RECORD_SIZE - *len ? n : RECORD_SIZE - *len;
		memcpy(buf + *len, (char *)p->iov[i].iov_base + from, n);
		*len += n;
	}
	return buf;
}

ssize_t
tls_writev(struct tls *t, const struct iovec *iov, int n)
{
	struct place p = { iov, n, 0 };
	ssize_t written, total = 0;
	const void *record;
	size_t len;

	if (t->ended || t->ending) {
		errno = EPIPE;
		return -1;
	}
	if (write_rest(t) == -1)
		return -1;
	advance_place(&p, 0);
	while (p.n > 0 && total < TLS_WRITE_MAX && t->blocked == 0) {
		record = gather(&p, t->context->record, &len);
		written = write_record(t, record, len);
		if (written == -1)
			return total > 0 ? total : -1;
		total += written;
		advance_place(&p, (size_t)written);
	}
	return total;
}

bool
tls_unsent(const struct tls *t)
{
	return t->blocked > 0 || t->stuck || (t->ending && !t->ended);
}

bool
tls_more(const struct tls *t)
{
	return t->ahead || (!t->dead && !writes_first(t) &&
	    SSL_pending(t->ssl) > 0);
}

const char *
tls_why(const struct tls *t)
{
	return t->why;
}
