/*
 * chatd/room/session.h: senders that the room knows again
 */
#include <stdio.h>
#include <string.h>

#include "core/client.h"
#include "room/session.h"
#include "unit.h"

/* Somebody says so many lines in a session, and goes. */
static void
visit(struct sessions *all, const char *token, uint64_t lines)
{
	bool begun;
	struct session *s = session_get(all, token, 7, &begun);
	struct client c;

	CHECK(s != NULL && s->client == NULL);
	memset(&c, 0, sizeof(c));
	client_join(&c, all, s);
	CHECK(s->client == &c && c.session == s);
	c.lines += lines;
	c.authored = 1000 + c.lines;
	client_leave_session(&c, all);
	CHECK(s->client == NULL && c.session == NULL);
}

static uint64_t
lines_of(struct sessions *all, const char *token)
{
	bool begun;
	struct session *s = session_get(all, token, 8, &begun);
	struct client c;
	uint64_t lines;

	CHECK(s != NULL);
	memset(&c, 0, sizeof(c));
	client_join(&c, all, s);
	lines = c.lines;
	CHECK(c.acked == lines);
	CHECK(begun == (lines == 0));
	CHECK(lines == 0 ? c.id == 8 : c.id == 7 && c.authored > 1000);
	client_leave_session(&c, all);
	return lines;
}

static void
goes_on(void)
{
	struct sessions all;

	sessions_init(&all, 10);
	visit(&all, "a", 3);
	visit(&all, "b", 5);
	visit(&all, "a", 4);
	CHECK(lines_of(&all, "a") == 7);
	CHECK(lines_of(&all, "b") == 5);
	CHECK(lines_of(&all, "c") == 0);
	CHECK(all.nidle == 3);
	sessions_free(&all);
	CHECK(all.nidle == 0 && RB_EMPTY(&all.tree));
}

static void
forgets_the_oldest(void)
{
	struct sessions all;
	char token[TOKEN_MAX + 1];
	int i;

	sessions_init(&all, 3);
	for (i = 0; i < 5; i++) {
		(void)snprintf(token, sizeof(token), "%064d", i);
		visit(&all, token, (uint64_t)i + 1);
		visit(&all, "often", 1);
	}
	CHECK(all.nidle == 3);
	CHECK(lines_of(&all, "often") == 5);
	CHECK(lines_of(&all, token) == 5);
	(void)snprintf(token, sizeof(token), "%064d", 0);
	CHECK(lines_of(&all, token) == 0);
	sessions_free(&all);
}

static void
belongs_to_a_person(void)
{
	char name[SESSION_NAME_MAX + 1];
	char person[PERSON_MAX + 1], token[TOKEN_MAX + 1];

	session_name(name, NULL, "a");
	CHECK_STR(name, "a");
	session_name(name, "alice", "a");
	CHECK_STR(name, "alice:a");
	(void)snprintf(person, sizeof(person), "%032d", 0);
	(void)snprintf(token, sizeof(token), "%064d", 1);
	session_name(name, person, token);
	CHECK(strlen(name) == SESSION_NAME_MAX);
	CHECK_STR(name + PERSON_MAX + 1, token);
}

static void
keeps_who_is_here(void)
{
	struct sessions all;
	struct client here;
	struct session *s;
	bool begun;
	int i;

	sessions_init(&all, 1);
	memset(&here, 0, sizeof(here));
	s = session_get(&all, "here", 7, &begun);
	CHECK(s != NULL);
	client_join(&here, &all, s);
	here.lines = 9;
	here.authored = 1009;
	for (i = 0; i < 3; i++)
		visit(&all, i == 1 ? "one" : "other", 1);
	CHECK(session_get(&all, "here", 8, &begun) == s && s->client == &here);
	client_leave_session(&here, &all);
	CHECK(lines_of(&all, "here") == 9);
	CHECK(all.nidle == 1);
	sessions_free(&all);
}

/* The names of those that are idle, the first to be forgotten first, and after
 * a bar those that are not. */
static const char *
order(const struct sessions *all)
{
	static char buf[256];
	const struct session *s = NULL;

	buf[0] = '\0';
	TAILQ_FOREACH(s, &all->idle, use) {
		(void)strlcat(buf, s->name, sizeof(buf));
	}
	(void)strlcat(buf, "|", sizeof(buf));
	TAILQ_FOREACH(s, &all->here, use) {
		(void)strlcat(buf, s->name, sizeof(buf));
	}
	return buf;
}

static void
holds_who_was_here(void)
{
	struct sessions all;
	struct client c[2];
	bool begun;

	sessions_init(&all, 2);
	CHECK(session_restore(&all, "a", 1, 5, true) != NULL);
	CHECK(session_restore(&all, "b", 2, 5, false) != NULL);
	CHECK(session_restore(&all, "c", 3, 5, true) != NULL);
	CHECK(session_restore(&all, "d", 4, 5, false) != NULL);
	CHECK(session_restore(&all, "e", 5, 5, true) != NULL);
	CHECK_STR(order(&all), "bd|ace");
	CHECK(all.n == 5 && all.nidle == 2 && all.nheld == 3);
	session_use(&all, session_of_author(&all, 1));
	CHECK_STR(order(&all), "bd|cea");
	/* None is forgotten for one that comes back. */
	memset(c, 0, sizeof(c));
	client_join(&c[0], &all, session_get(&all, "e", 9, &begun));
	CHECK(!begun && c[0].id == 5 && c[0].lines == 5 && all.nheld == 2);
	CHECK_STR(order(&all), "bd|cae");
	/* Nor when it comes again, while the old connection is there. */
	c[0].lines = 7;
	client_join(&c[1], &all, session_get(&all, "e", 9, &begun));
	CHECK(c[0].session == NULL && c[1].lines == 7 && all.nheld == 2);
	client_hold_session(&c[1], &all);
	CHECK_STR(order(&all), "bd|cae");
	CHECK(all.nheld == 3 && session_of_author(&all, 5)->lines == 7);
	sessions_limit(&all, 1);
	CHECK_STR(order(&all), "ca|e");
	CHECK(all.n == 3 && all.nidle == 2 && all.nheld == 1);
	CHECK(session_lookup(&all, "b") == NULL);
	session_part(&all, session_of_author(&all, 5));
	CHECK_STR(order(&all), "ae|");
	sessions_free(&all);
	CHECK(all.n == 0 && all.nheld == 0);
}

static void
forgets_all_but_the_last(void)
{
	struct sessions all;

	sessions_init(&all, 10);
	CHECK(session_restore(&all, "a", 1, 5, true) != NULL);
	CHECK(session_restore(&all, "b", 2, 5, false) != NULL);
	CHECK(session_restore(&all, "c", 3, 5, true) != NULL);
	CHECK(session_restore(&all, "d", 4, 5, false) != NULL);
	sessions_keep(&all, 3, 1);
	CHECK_STR(order(&all), "bd|c");
	sessions_keep(&all, 1, 1);
	CHECK_STR(order(&all), "d|c");
	sessions_free(&all);
}

/* Another number holds at once. */
static void
keeps_another_number(void)
{
	struct sessions all;

	sessions_init(&all, 10);
	CHECK(session_restore(&all, "a", 1, 5, true) != NULL);
	CHECK(session_restore(&all, "b", 2, 5, false) != NULL);
	CHECK(session_restore(&all, "c", 3, 5, false) != NULL);
	CHECK(session_restore(&all, "d", 4, 5, false) != NULL);
	sessions_set_max(&all, 2);
	CHECK_STR(order(&all), "cd|a");
	session_part(&all, session_of_author(&all, 1));
	CHECK_STR(order(&all), "da|");
	sessions_set_max(&all, 3);
	CHECK(session_restore(&all, "e", 5, 5, false) != NULL);
	CHECK_STR(order(&all), "dae|");
	sessions_set_max(&all, 0);
	CHECK(all.n == 0);
	sessions_free(&all);
}

const struct test session_tests[] = {
	{ "who comes back goes on counting", goes_on },
	{ "too many: the one left longest ago is forgotten",
	    forgets_the_oldest },
	{ "a person's tokens are that person's alone", belongs_to_a_person },
	{ "who is connected is not forgotten", keeps_who_is_here },
	{ "nor who was at the end, for a while", holds_who_was_here },
	{ "another number of them is kept", keeps_another_number },
	{ "all but the last are forgotten", forgets_all_but_the_last },
	{ NULL, NULL }
};
