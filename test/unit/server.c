/*
 * chatd/core/server.h: the loop
 */
#include <sys/socket.h>

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "core/client.h"
#include "door/door.h"
#include "core/server.h"
#include "door/admission.h"
#include "listen/listener.h"
#include "room/ring.h"
#include "loop.h"
#include "unit.h"

static struct server server;
static struct listeners no_listeners;
static int other_end;

/* A room that holds back what it has, and a client that has given its role. */
static void
set_up(void)
{
	struct config config = { .clients_max = 10, .per_address = SIZE_MAX,
	    .patience = 1000 };
	struct sockaddr sa = { .sa_family = AF_UNIX };
	int pair[2];

	CHECK(loop_init(&server, &config, ring_new(RING_SIZE_MIN, 1),
	    &no_listeners) == 0);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	other_end = pair[1];
	door_enter(&server, pair[0], &sa);
	CHECK(write(other_end, "\001send\n", 6) == 6);
	CHECK(loop_round(&server, 0) == 0 && loop_round(&server, 0) == 0);
	CHECK(server.nclients == 1 && !server.clients[0]->plain);
	ring_hold(server.ring);
}

static void
tear_down(void)
{
	if (other_end != -1)
		(void)close(other_end);
	loop_free(&server);
}

/* Or poll(2) would wake at once for it, again and again. */
static void
nothing_to_tell(void)
{
	struct client *c;

	set_up();
	c = server.clients[0];
	c->unstored_ok = c->blocked = true;
	CHECK(loop_round(&server, 0) == 0);
	CHECK(!c->blocked && c->unstored_ok);
	tear_down();
}

/* What it has said waits, so its end is behind that. */
static void
hangup(void)
{
	set_up();
	CHECK(write(other_end, "hi\n", 3) == 3);
	CHECK(loop_round(&server, 0) == 0);
	CHECK(server.nclients == 1 && server.clients[0]->stalled);
	(void)close(other_end);
	other_end = -1;
	CHECK(loop_round(&server, 0) == 0);
	CHECK(server.nclients == 0 && server.ring->next == 1);
	tear_down();
}

const struct test server_tests[] = {
	{ "who can't be told anything is not waited for", nothing_to_tell },
	{ "in a room that is held, who has hung up is gone", hangup },
	{ NULL, NULL }
};
