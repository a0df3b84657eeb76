/*
 * chatd/upgrade/membership.h: what an upgrade hands over of a room that shares
 * a log, and what it can't
 */
#include <sys/socket.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "core/client.h"
#include "core/server.h"
#include "door/guard.h"
#include "listen/listener.h"
#include "loop.h"
#include "member/member.h"
#include "member/voice.h"
#include "room/owner.h"
#include "unit.h"
#include "upgrade/state.h"

static struct listeners no_listeners;

/* A node that has no store: only its log is needed. */
static void
set_up(struct server *s)
{
	struct config config = { .clients_max = 10, .per_address = SIZE_MAX,
	    .node = "red" };
	struct journal journal = { .replica = NULL };

	CHECK(loop_init(s, &config, NULL, &no_listeners) == 0);
	s->journal = &journal;
	CHECK(member_init(s) == 0);
	s->journal = NULL;
	s->member->replica.sessions = 100;
	CHECK(member_begin(s) == 0);
}

static void
own(struct server *s, const char *name, uint64_t conn)
{
	struct session *session = session_restore(&s->sessions, name, conn, 0,
	    true);

	CHECK(session != NULL);
	CHECK(owner_set(&s->sessions.owners, session, s->member->self,
	    conn) == 0);
}

/* Hand the state over to another server. Returns what is wrong with it. */
static const char *
hand_over(struct server *from)
{
	struct server to;
	const char *why;
	FILE *f = tmpfile();

	CHECK(f != NULL);
	CHECK_STR(state_write(from, f), NULL);
	rewind(f);
	set_up(&to);
	why = state_read(&to, f, NULL, 0, false);
	CHECK(fclose(f) == 0);
	loop_free(&to);
	return why;
}

static void
two_sessions(void)
{
	struct server s;

	set_up(&s);
	s.ring = ring_new(RING_SIZE_MIN, 1);
	CHECK(s.ring != NULL);
	own(&s, "one", 7);
	own(&s, "other", 8);
	CHECK_STR(hand_over(&s), NULL);
	session_lookup(&s.sessions, "other")->owner->conn = 7;
	CHECK_STR(hand_over(&s), "two sessions of one connection");
	session_lookup(&s.sessions, "other")->owner->conn = 8;
	loop_free(&s);
}

static void
words_that_are_none(void)
{
	static const char *const words[] = { "\001part 7\n", "\001part x\n",
	    "part 7\n", "\001part 7" };
	struct outbox *box;
	struct server s;
	size_t i;

	set_up(&s);
	s.ring = ring_new(RING_SIZE_MIN, 1);
	CHECK(s.ring != NULL);
	box = &s.member->box;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		box->len = strlen(words[i]);
		memcpy(box->bytes, words[i], box->len);
		CHECK_STR(hand_over(&s), i == 0 ? NULL :
		    "invalid words for the log in the state");
	}
	loop_free(&s);
}

static struct client *
come(struct server *s, const char *name)
{
	struct sockaddr sa = { .sa_family = AF_UNIX };
	struct client *c;

	CHECK(server_reserve(s, s->nclients + 1));
	c = client_new(socket(AF_UNIX, SOCK_STREAM, 0), &sa, NULL, 1);
	CHECK(c != NULL && person_enter(&s->persons, c, name) == 0);
	s->clients[s->nclients++] = c;
	return c;
}

/* One that ended its words before, and doesn't read the rest, has no deadline
 * when the others have to go. */
static void
who_stays_behind(void)
{
	static const char gone[] = "\001gone ann\n";
	struct conn *behind[2];
	struct server s;
	size_t i;

	set_up(&s);
	behind[0] = &come(&s, "ann")->conn;
	behind[1] = &come(&s, "bob")->conn;
	(void)come(&s, "bob");
	(void)come(&s, "cem");
	/* No other word of it is looked at. */
	for (i = 0; i < 2; i++)
		behind[i]->tls = (struct tls *)&s;
	voice_hand_over(&s);
	CHECK(s.member->box.len == strlen(gone) &&
	    memcmp(s.member->box.bytes, gone, strlen(gone)) == 0);
	for (i = 0; i < 2; i++)
		behind[i]->tls = NULL;
	loop_free(&s);
}

const struct test membership_tests[] = {
	{ "two sessions of one connection are refused", two_sessions },
	{ "words for the log that are none are refused", words_that_are_none },
	{ "whoever stays behind has gone", who_stays_behind },
	{ NULL, NULL }
};
