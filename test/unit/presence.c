/*
 * chatd/core/person.h and chatd/core/presence.h: who is here, and telling it
 */
#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "core/client.h"
#include "core/person.h"
#include "core/presence.h"
#include "core/server.h"
#include "unit.h"

#define MANY	3000
#define LINES	(MANY * (PERSON_MAX + 8))	/* bytes of a list of so many */

static struct server server;
static struct client *asking, *others[MANY];

static struct client *
new_client(const char *name)
{
	struct sockaddr sa = { .sa_family = AF_UNIX };
	struct client *c = client_new(dup(STDIN_FILENO), &sa, NULL, 1);

	CHECK(c != NULL);
	CHECK(person_enter(&server.persons, c, name) == 0);
	c->state = CLIENT_TALKING;
	return c;
}

static void
end_client(struct client *c)
{
	person_leave(&server.persons, c);
	client_free(c);
}

static void
set_up(void)
{
	memset(&server, 0, sizeof(server));
	RB_INIT(&server.persons);
	LIST_INIT(&server.watchers);
	server.now = 1;
	server.deadline = CLOCK_NEVER;
	asking = new_client("alice");
}

static void
tear_down(void)
{
	end_client(asking);
	CHECK(RB_EMPTY(&server.persons) && LIST_EMPTY(&server.watchers));
}

/* What it is told, as if it read all of it. */
static const char *
told(void)
{
	static char heard[LINES];
	size_t len = 0, rounds = 0;

	do {
		if (asking->presence != NULL)
			presence_tell(&server, asking);
		CHECK(asking->outlen <= CLIENT_OUT_MAX + CTL_SIZE);
		CHECK(len + asking->outlen < sizeof(heard));
		if (asking->outlen > 0)
			memcpy(heard + len, asking->out, asking->outlen);
		len += asking->outlen;
		free(asking->out);
		asking->out = NULL;
		asking->outlen = 0;
		CHECK_IN(rounds++ < LINES / CLIENT_OUT_MAX + 2, "no end");
	} while (presence_pending(asking));
	heard[len] = '\0';
	return heard;
}

static void
persons(void)
{
	struct client *bob, *again;

	set_up();
	bob = new_client("bob");
	again = new_client("bob");
	CHECK(bob->person == again->person && bob->person->clients == 2);
	CHECK_STR(person_after(&server.persons, "")->name, "alice");
	CHECK_STR(person_after(&server.persons, "alice")->name, "bob");
	CHECK_STR(person_after(&server.persons, "alicf")->name, "bob");
	CHECK(person_after(&server.persons, "bob") == NULL);
	end_client(bob);
	CHECK(again->person->clients == 1);
	end_client(again);
	CHECK(person_after(&server.persons, "alice") == NULL);
	tear_down();
}

static void
list(void)
{
	struct client *bob;

	set_up();
	bob = new_client("bob");
	presence_who(asking);
	CHECK(presence_pending(asking));
	CHECK_STR(told(), "\001here alice bob\n\001here\n");
	CHECK(asking->presence == NULL);
	presence_who(asking);
	presence_who(asking);
	CHECK_STR(told(), "\001here alice bob\n\001here\n");
	end_client(bob);
	tear_down();
}

/* Names of all lengths that are allowed. */
static const char *
name_of(int i)
{
	static char name[PERSON_MAX + 1];
	int more = i % (PERSON_MAX - 5 + 1);

	snprintf(name, sizeof(name), "b%04d", i);
	memset(name + 5, 'x', (size_t)more);
	name[5 + more] = '\0';
	return name;
}

/* Every name once, in lines that no reader finds too long. */
static void
check_long(const char *heard)
{
	static char want[LINES], got[LINES];
	const char *p, *lf;
	int i;

	want[0] = got[0] = '\0';
	strlcpy(want, " alice", sizeof(want));
	for (i = 0; i < MANY; i++) {
		strlcat(want, " ", sizeof(want));
		strlcat(want, name_of(i), sizeof(want));
	}
	for (p = heard; strncmp(p, "\001here ", 6) == 0; p = lf + 1) {
		lf = strchr(p, '\n');
		CHECK(lf != NULL && lf + 1 - p < CTL_SIZE);
		snprintf(got + strlen(got), (size_t)(lf - p) - 4, "%s", p + 5);
	}
	CHECK_STR(p, "\001here\n");
	CHECK_STR(got, want);
}

static void
long_list(void)
{
	int i;

	set_up();
	for (i = MANY - 1; i >= 0; i--)
		others[i] = new_client(name_of(i));
	presence_who(asking);
	check_long(told());
	/* Whoever asks in the middle of one gets one more. */
	presence_who(asking);
	presence_tell(&server, asking);
	CHECK(asking->presence->telling);
	for (i = 0; i < 10; i++)
		presence_who(asking);
	free(asking->out);
	asking->out = NULL;
	asking->outlen = 0;
	CHECK(strstr(told(), "\001here\n\001here alice ") != NULL);
	CHECK(asking->presence == NULL);
	for (i = 0; i < MANY; i++)
		end_client(others[i]);
	tear_down();
}

static void
coming_and_going(void)
{
	set_up();
	presence_join(&server, "nobody");
	CHECK_STR(told(), "");
	presence_watch(&server, asking);
	presence_watch(&server, asking);
	CHECK_STR(told(), "");
	presence_join(&server, "bob");
	presence_part(&server, "bob");
	CHECK(server.deadline == server.now);
	CHECK_STR(told(), "\001join bob\n\001part bob\n");
	asking->state = CLIENT_LEAVING;
	presence_join(&server, "bob");
	CHECK_STR(told(), "");
	tear_down();
}

/* One that doesn't read what it is told costs no more, and gets a list. */
static void
not_reading(void)
{
	static const char end[] = "join bob\n\001here alice\n\001here\n";
	const char *heard;
	int i;

	set_up();
	presence_watch(&server, asking);
	for (i = 0; i < 100000; i++)
		presence_join(&server, "bob");
	CHECK(asking->outlen > CLIENT_OUT_MAX);
	heard = told();
	CHECK(strlen(heard) > CLIENT_OUT_MAX);
	CHECK_STR(heard + strlen(heard) - (sizeof(end) - 1), end);
	presence_part(&server, "bob");
	CHECK_STR(told(), "\001part bob\n");
	tear_down();
}

const struct test presence_tests[] = {
	{ "a person may have many connections", persons },
	{ "who is here", list },
	{ "a long list needs no memory", long_list },
	{ "who comes and goes is told to those who ask", coming_and_going },
	{ "one that doesn't read is told of all anew", not_reading },
	{ NULL, NULL }
};
