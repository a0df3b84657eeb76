/*
 * The guard: finding out who a client is before it is admitted
 *
 * The keeper is asked one question at a time, so the channel never fills up,
 * and many clients of one user are one question.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admission.h"
#include "core/client.h"
#include "core/person.h"
#include "core/server.h"
#include "guard.h"
#include "keeper/channel.h"
#include "log.h"
#include "plural.h"
#include "room/ring.h"
#include "text.h"
#include "tls.h"

#define TLS_HANDSHAKE	0x16		/* first byte of such a record */
#define TLS_MAJOR	0x03		/* and its second one */

struct guard *
guard_new(void)
{
	struct guard *g = calloc(1, sizeof(*g));

	if (g != NULL)
		RB_INIT(&g->peers);
	return g;
}

static const struct key *
find_client_key(void *arg, const char *name)
{
	const struct guard *g = arg;

	return keyring_find(&g->keys, name);
}

int
guard_open(struct server *s, int fd, char *why)
{
	const struct keyring none = { .n = 0 };
	struct guard *g = s->guard;
	const char *wrong;

	if (keyring_read(&g->keys, fd, s->config.keys, why) == -1)
		return -1;
	keyring_number(&g->keys, &none);
	g->tls = tls_for_room(find_client_key, g, &wrong);
	if (g->tls != NULL)
		return 0;
	(void)snprintf(why, KEYS_WHY_SIZE, "%s: %s", s->config.keys, wrong);
	return -1;
}

void
guard_free(struct guard *g)
{
	if (g == NULL)
		return;
	keyring_free(&g->keys);
	tls_context_free(g->tls);
	free(g);
}

/* The key that a client has proven, if it is still there. */
static const struct key *
valid_key(const struct guard *g, const char *name, uint64_t number)
{
	const struct key *key = keyring_find(&g->keys, name);

	return key != NULL && key->number == number ? key : NULL;
}

/* It may still read all that was said so far, but no more. */
static void
expel_revoked(struct server *s, struct client *c)
{
	int64_t deadline = s->now + BYE_MS;

	if (c->state >= CLIENT_LEAVING && deadline < c->deadline)
		c->deadline = deadline;
	server_dismiss(s, c, s->ring->head, deadline, BYE_REVOKED);
	server_wake(s, deadline);
}

static void
expel_all_revoked(struct server *s)
{
	size_t i, n = 0;
	struct client *c;

	for (i = 0; i < s->nclients; i++) {
		c = s->clients[i];
		if (c->key == 0 || valid_key(s->guard, c->person->name,
		    c->key) != NULL)
			continue;
		expel_revoked(s, c);
		n++;
	}
	log_event("%s: read again, %zu key%s, %zu client%s disconnected",
	    s->config.keys, s->guard->keys.n, plural(s->guard->keys.n), n,
	    plural(n));
}

void
guard_reload(struct server *s, int fd)
{
	struct keyring keys;
	char why[KEYS_WHY_SIZE];

	if (keyring_read(&keys, fd, s->config.keys, why) == -1) {
		log_event("%s, keeping the old keys", why);
		return;
	}
	keyring_number(&keys, &s->guard->keys);
	keyring_free(&s->guard->keys);
	s->guard->keys = keys;
	expel_all_revoked(s);
}

static void
turn_away(struct server *s, struct client *c, enum bye bye)
{
	guard_forget(s->guard, c);
	admission_turn_away(s, c, bye);
}

/* Ask the keeper for the login name of a user, unless it owes an answer. */
static void
ask_name(struct server *s, uid_t uid)
{
	if (!s->asking)
		s->asking = channel_send_text(s->keeper, MESSAGE_LOOKUP, uid,
		    "") == 0;
}

/* A local client is whoever the kernel says. */
static void
identify_peer(struct server *s, struct client *c)
{
	gid_t gid;

	if (getpeereid(c->conn.fd, &c->uid, &gid) == -1)
		turn_away(s, c, BYE_NAMELESS);
	else
		ask_name(s, c->uid);
}

void
guard_ask_names(struct server *s)
{
	size_t i;

	s->asking = false;
	for (i = 0; i < s->nclients && !s->asking; i++) {
		if (s->clients[i]->state == CLIENT_AUTHENTICATING &&
		    s->clients[i]->peer == NULL)
			ask_name(s, s->clients[i]->uid);
	}
}

void
guard_resolved(struct server *s, uid_t uid, const char *name)
{
	struct client *c;
	size_t i;

	for (i = 0; i < s->nclients; i++) {
		c = s->clients[i];
		if (c->state != CLIENT_AUTHENTICATING || c->peer != NULL ||
		    c->uid != uid)
			continue;
		if (!text_is_name(name, strlen(name)))
			admission_turn_away(s, c, BYE_NAMELESS);
		else
			admission_admit(s, c, name);
	}
	guard_ask_names(s);
}

/* Whether an address has as many unfinished handshakes as it may have. */
static bool
is_crowded(const struct server *s, const struct peer *peer)
{
	size_t i, n = 0;

	if (peer->loopback && !s->config.per_address_everywhere)
		return false;
	for (i = 0; i < s->guard->n; i++)
		n += s->guard->pending[i]->peer == peer;
	return n >= GUARD_PENDING_PEER;
}

/* Connections that never finish a handshake must not keep others out. Evict the
 * oldest one from that address, or else the oldest of all. */
static void
evict_one(struct server *s, const struct peer *peer)
{
	struct guard *g = s->guard;
	char address[CLIENT_ADDRESS_SIZE];
	struct client *c;
	size_t i = 0;

	while (i < g->n && (peer == NULL || g->pending[i]->peer != peer))
		i++;
	c = g->pending[i < g->n ? i : 0];
	log_event("%s: evicted before its handshake was over",
	    client_address(c, address));
	guard_forget(g, c);
	client_give_up(c);
	server_wake(s, s->now);
}

bool
guard_evict(struct server *s, const struct peer *peer)
{
	if (s->guard->n == 0)
		return false;
	/* A crowd is turned away with the reason instead. */
	if (peer == NULL || !is_crowded(s, peer))
		evict_one(s, peer);
	return true;
}

static void
expect_key(struct server *s, struct client *c)
{
	if (is_crowded(s, c->peer)) {
		turn_away(s, c, BYE_HANDSHAKES);
		return;
	}
	if (s->guard->n == GUARD_PENDING_MAX)
		evict_one(s, c->peer);
	s->guard->pending[s->guard->n++] = c;
}

bool
guard_begin(struct server *s, struct client *c)
{
	if (c->peer == NULL ? !s->config.named : s->guard->tls == NULL)
		return false;
	client_authenticate(c, s->now + GUARD_MS);
	if (c->peer == NULL)
		identify_peer(s, c);
	else
		expect_key(s, c);
	return true;
}

void
guard_restore(struct guard *g, struct client *c)
{
	if (g->n < GUARD_PENDING_MAX)
		g->pending[g->n++] = c;
	else
		client_give_up(c);
}

void
guard_forget(struct guard *g, const struct client *c)
{
	size_t i;

	for (i = 0; i < g->n; i++) {
		if (g->pending[i] != c)
			continue;
		g->n--;
		memmove(&g->pending[i], &g->pending[i + 1],
		    (g->n - i) * sizeof(g->pending[0]));
		return;
	}
}

size_t
guard_admitted(const struct server *s)
{
	return s->nclients - s->nturned - s->guard->n;
}

bool
guard_wants_read(const struct client *c)
{
	return c->peer != NULL;
}

/* The claimed name is only for the log: the other side gets no hint. */
static void
log_failure(const struct client *c, const char *why)
{
	const char *claim = tls_claim(c->conn.tls);
	char address[CLIENT_ADDRESS_SIZE];

	log_event("%s: %s%s%s", client_address(c, address), why,
	    claim[0] == '\0' ? "" : ": ", claim);
}

/* TLS has sent its own reason, if it could. */
static void
reject_handshake(struct server *s, struct client *c, const char *why)
{
	log_failure(c, why);
	conn_plain(&c->conn);
	turn_away(s, c, BYE_NONE);
}

static void
admit_key(struct server *s, struct client *c)
{
	const struct key *key = valid_key(s->guard, tls_claim(c->conn.tls),
	    tls_number(c->conn.tls));

	if (key == NULL) {
		log_failure(c, "key rejected");
		turn_away(s, c, BYE_REVOKED);
		return;
	}
	c->access = c->role = key->access;
	guard_forget(s->guard, c);
	admission_admit(s, c, key->name);
	/* Without memory for its name it was turned away. */
	if (c->person != NULL)
		c->key = key->number;
}

static void
continue_handshake(struct server *s, struct client *c)
{
	switch (conn_handshake(&c->conn)) {
	case TLS_GOES_ON:
		break;
	case TLS_DONE:
		admit_key(s, c);
		break;
	case TLS_CUT:
	case TLS_REFUSED:
		reject_handshake(s, c, conn_why(&c->conn));
		break;
	}
}

/* No TLS state is allocated before the first byte of a handshake is there. */
static void
begin_handshake(struct server *s, struct client *c)
{
	int byte = conn_peek(&c->conn);

	if (byte == TLS_HANDSHAKE && conn_secure(&c->conn, s->guard->tls) == -1)
		turn_away(s, c, BYE_MEMORY);
	else if (byte == TLS_HANDSHAKE)
		continue_handshake(s, c);
	else if (byte != -1)
		turn_away(s, c, BYE_KEY);
	else if (errno != EAGAIN && errno != EINTR)
		client_give_up(c);
}

void
guard_read(struct server *s, struct client *c)
{
	if (c->conn.tls == NULL)
		begin_handshake(s, c);
	else
		continue_handshake(s, c);
}

void
guard_timeout(struct server *s, struct client *c)
{
	if (c->peer != NULL && c->conn.tls == NULL) {
		turn_away(s, c, BYE_KEY);
		return;
	}
	if (c->peer != NULL)
		log_failure(c, "no handshake within 5 seconds");
	client_give_up(c);
}

bool
guard_rejects_tls(struct server *s, struct client *c, const char *buf,
    size_t len)
{
	if (c->peer == NULL || c->conn.tls != NULL || c->spoke || len < 2 ||
	    buf[0] != TLS_HANDSHAKE || buf[1] != TLS_MAJOR)
		return false;
	/* Plain text means nothing to it, neither sent nor to come. */
	c->cursor = CURSOR_NONE;
	turn_away(s, c, BYE_NO_KEYS);
	return true;
}
