/*
 * The guard: finding out who a client is, before it is let in
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admission.h"
#include "ask.h"
#include "core/client.h"
#include "core/person.h"
#include "core/server.h"
#include "guard.h"
#include "log.h"
#include "plural.h"
#include "text.h"
#include "tls.h"

#define TLS_HANDSHAKE	0x16		/* first byte of such a record */
#define TLS_MAJOR	0x03		/* and its second one */

static const struct key *
find_key(void *arg, const char *name)
{
	const struct guard *g = arg;

	return keyring_find(&g->keys, name);
}

int
guard_open(struct server *s, int fd, char *why)
{
	const struct keyring none = { .n = 0 };
	struct guard *g = &s->guard;
	const char *wrong;

	if (keyring_read(&g->keys, fd, s->config.keys, why) == -1)
		return -1;
	keyring_number(&g->keys, &none);
	g->tls = tls_for_room(find_key, g, &wrong);
	if (g->tls != NULL)
		return 0;
	(void)snprintf(why, KEYS_WHY_SIZE, "%s: %s", s->config.keys, wrong);
	return -1;
}

void
guard_free(struct guard *g)
{
	keyring_free(&g->keys);
	tls_context_free(g->tls);
}

/* The key that a client has proven, if it is still there. */
static const struct key *
valid_key(const struct guard *g, const char *name, uint64_t number)
{
	const struct key *key = keyring_find(&g->keys, name);

	return key != NULL && key->number == number ? key : NULL;
}

/* All that was said so far is still its to read, but no more. */
static void
shut_out(struct server *s, struct client *c)
{
	int64_t deadline = s->now + BYE_MS;

	if (c->state >= CLIENT_LEAVING && deadline < c->deadline)
		c->deadline = deadline;
	door_bye(s, c, s->ring->head, deadline, BYE_REVOKED);
	server_wake(s, deadline);
}

static void
shut_out_all(struct server *s)
{
	size_t i, n = 0;
	struct client *c;

	for (i = 0; i < s->nclients; i++) {
		c = s->clients[i];
		if (c->key == 0 || valid_key(&s->guard, c->person->name,
		    c->key) != NULL)
			continue;
		shut_out(s, c);
		n++;
	}
	log_event("%s: read again, %zu key%s, %zu client%s to leave",
	    s->config.keys, s->guard.keys.n, plural(s->guard.keys.n), n,
	    n == 1 ? " has" : "s have");
}

void
guard_reload(struct server *s, int fd)
{
	struct keyring keys;
	char why[KEYS_WHY_SIZE];

	if (keyring_read(&keys, fd, s->config.keys, why) == -1) {
		log_event("%s, the old keys stay", why);
		return;
	}
	keyring_number(&keys, &s->guard.keys);
	keyring_free(&s->guard.keys);
	s->guard.keys = keys;
	shut_out_all(s);
}

/* A Unix socket's client is who the kernel says. */
static void
ask_peer(struct server *s, struct client *c)
{
	gid_t gid;

	if (getpeereid(c->conn.fd, &c->uid, &gid) == -1)
		door_turn_away(s, c, BYE_NAMELESS);
	else
		ask_name(s, c->uid);
}

/* Whether its address has as many unfinished handshakes as it may have. */
static bool
is_crowded(const struct server *s, const struct peer *peer)
{
	size_t i, n = 0;

	if (peer->loopback && !s->config.everywhere)
		return false;
	for (i = 0; i < s->guard.n; i++)
		n += s->guard.pending[i]->peer == peer;
	return n >= GUARD_PENDING_PEER;
}

/* Those that only stand there are not to keep others out. Who comes pushes out
 * the oldest one of its own address, and another only if there is none. */
static void
drop_one(struct server *s, const struct peer *peer)
{
	struct guard *g = &s->guard;
	char name[CLIENT_ADDRESS_SIZE];
	struct client *c;
	size_t i = 0;

	while (i < g->n && (peer == NULL || g->pending[i]->peer != peer))
		i++;
	c = g->pending[i < g->n ? i : 0];
	log_event("%s: no handshake before others came", client_address(c, name));
	guard_forget(g, c);
	c->state = CLIENT_GONE;
	server_wake(s, s->now);
}

bool
guard_evict(struct server *s, const struct peer *peer)
{
	if (s->guard.n == 0)
		return false;
	/* That one will be told so. */
	if (peer == NULL || !is_crowded(s, peer))
		drop_one(s, peer);
	return true;
}

static void
expect_key(struct server *s, struct client *c)
{
	if (is_crowded(s, c->peer)) {
		door_turn_away(s, c, BYE_HANDSHAKES);
		return;
	}
	if (s->guard.n == GUARD_PENDING_MAX)
		drop_one(s, c->peer);
	s->guard.pending[s->guard.n++] = c;
}

bool
guard_holds(struct server *s, struct client *c)
{
	if (c->peer == NULL ? !s->config.named : s->guard.tls == NULL)
		return false;
	c->state = CLIENT_AUTHENTICATING;
	c->deadline = s->now + GUARD_MS;
	if (c->peer == NULL)
		ask_peer(s, c);
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
		c->state = CLIENT_GONE;
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

bool
guard_wants_read(const struct client *c)
{
	return c->peer != NULL;
}

/* Only the owner is told which name it was. */
static void
log_failure(const struct client *c, const char *why)
{
	const char *claim = tls_claim(c->conn.tls);
	char name[CLIENT_ADDRESS_SIZE];

	log_event("%s: %s%s%s", client_address(c, name), why,
	    claim[0] == '\0' ? "" : ": ", claim);
}

/* TLS has said why, if it could; the rest is as with everybody. */
static void
reject(struct server *s, struct client *c, const char *why)
{
	log_failure(c, why);
	conn_plain(&c->conn);
	door_turn_away(s, c, BYE_NONE);
}

static void
welcome(struct server *s, struct client *c)
{
	const struct key *key = valid_key(&s->guard, tls_claim(c->conn.tls),
	    tls_number(c->conn.tls));

	if (key == NULL) {
		log_failure(c, "key rejected");
		door_turn_away(s, c, BYE_REVOKED);
		return;
	}
	c->access = c->role = key->access;
	door_let_in(s, c, key->name);
	/* Not if there was no memory for its name. */
	if (c->person != NULL)
		c->key = key->number;
}

static void
do_handshake(struct server *s, struct client *c)
{
	switch (conn_handshake(&c->conn)) {
	case TLS_GOES_ON:
		break;
	case TLS_DONE:
		welcome(s, c);
		break;
	case TLS_CUT:
	case TLS_REFUSED:
		reject(s, c, conn_why(&c->conn));
		break;
	}
}

/* Nothing is spent on TLS before somebody begins with it. */
static void
look(struct server *s, struct client *c)
{
	int byte = conn_peek(&c->conn);

	if (byte == TLS_HANDSHAKE && conn_secure(&c->conn, s->guard.tls) == -1)
		door_turn_away(s, c, BYE_MEMORY);
	else if (byte == TLS_HANDSHAKE)
		do_handshake(s, c);
	else if (byte != -1)
		door_turn_away(s, c, BYE_KEY);
	else if (errno != EAGAIN && errno != EINTR)
		c->state = CLIENT_GONE;
}

void
guard_read(struct server *s, struct client *c)
{
	if (c->conn.tls == NULL)
		look(s, c);
	else
		do_handshake(s, c);
}

void
guard_timeout(struct server *s, struct client *c)
{
	if (c->peer != NULL && c->conn.tls == NULL) {
		door_turn_away(s, c, BYE_KEY);
		return;
	}
	if (c->peer != NULL)
		log_failure(c, "no handshake within 5 seconds");
	c->state = CLIENT_GONE;
}

bool
guard_rejects_tls(struct server *s, struct client *c, const char *buf, size_t len)
{
	if (c->peer == NULL || c->conn.tls != NULL || c->spoke || len < 2 ||
	    buf[0] != TLS_HANDSHAKE || buf[1] != TLS_MAJOR)
		return false;
	/* It can't read what it may have got, nor the rest. */
	c->cursor = CURSOR_NONE;
	door_turn_away(s, c, BYE_NO_KEYS);
	return true;
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
			door_turn_away(s, c, BYE_NAMELESS);
		else
			door_let_in(s, c, name);
	}
}
