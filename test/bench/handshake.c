/*
 * Clients that show their key, and go
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>

#include "crowd.h"
#include "parts.h"
#include "proc.h"

enum {
	SLICES	= 3,
	AT_ONCE	= 16,
	VISITS	= 1500,	/* in a slice: ports take a minute to be free again */
	GIVE_UP	= 10 * 1000	/* ms */
};

/* A client is done when the room closes, too. */
struct visit {
	struct conn	 conn;
	bool		 shaking;	/* the handshake is not over */
};

/* Nothing is to be said: only to come in costs. */
static void
say_all(struct visit *v)
{
	v->shaking = false;
	if (conn_shutdown(&v->conn) == -1)
		errx(2, "shutdown: %s", conn_why(&v->conn));
}

/* Go on with it, and close where that is what is to come of it. */
static void
do_handshake(struct visit *v, bool refused)
{
	enum tls_step step = conn_handshake(&v->conn);

	if (step == TLS_GOES_ON)
		return;
	if (step != (refused ? TLS_REFUSED : TLS_DONE))
		errx(2, "handshake: %s", conn_why(&v->conn));
	if (refused)
		conn_plain(&v->conn);
	say_all(v);
}

static void
begin(struct visit *v, uint16_t port, struct tls_context *tls, bool refused)
{
	if (conn_init(&v->conn, room_connect(port)) == -1)
		err(2, "127.0.0.1:%u", (unsigned)port);
	v->shaking = tls != NULL;
	if (v->shaking) {
		room_secure(&v->conn, tls);
		do_handshake(v, refused);
	} else
		say_all(v);
}

/* Returns whether the visit is over. */
static bool
go_on(struct visit *v, bool refused)
{
	char heard[64];
	ssize_t n;

	if (v->shaking)
		do_handshake(v, refused);
	if (v->shaking)
		return false;
	while ((n = conn_read(&v->conn, heard, sizeof(heard))) > 0)
		;
	if (n == -1 && errno != EAGAIN)
		errx(2, "recv: %s", conn_why(&v->conn));
	if (n == 0)
		conn_close(&v->conn);
	return n == 0;
}

static void
visit_all(const struct room *r, bool refused)
{
	struct tls_context *tls = refused ? r->wrong : r->tls;
	struct visit v[AT_ONCE];
	struct pollfd pfd[AT_ONCE];
	int i, begun, ended;

	for (begun = 0; begun < AT_ONCE; begun++)
		begin(&v[begun], r->port, tls, refused);
	for (ended = 0; ended < VISITS;) {
		for (i = 0; i < AT_ONCE; i++)
			pfd[i] = (struct pollfd){ .fd = v[i].conn.fd,
			    .events = conn_events(&v[i].conn, true, false) };
		if (poll(pfd, AT_ONCE, GIVE_UP) <= 0)
			errx(2, "the room does not close");
		for (i = 0; i < AT_ONCE; i++) {
			if (pfd[i].fd == -1 || pfd[i].revents == 0 ||
			    !go_on(&v[i], refused))
				continue;
			ended++;
			if (begun++ < VISITS)
				begin(&v[i], r->port, tls, refused);
		}
	}
}

/* Nanoseconds of the server's time for each. */
static double
measure(const struct room *r, bool refused)
{
	uint64_t used = proc_cpu(r->pid);

	visit_all(r, refused);
	return (double)(proc_cpu(r->pid) - used) / VISITS;
}

static void
compare(const struct room r[ROOMS], const char *name, bool refused)
{
	double cpu[ROOMS];
	size_t slice, i, room;

	for (slice = 0; slice < SLICES; slice++) {
		for (i = 0; i < ROOMS; i++) {
			room = (slice + i) % ROOMS;
			cpu[room] = measure(&r[room], refused);
		}
		printf("%s.cpu %g %g\n%s.rate %g %g\n", name, cpu[0], cpu[1],
		    name, NS / cpu[0], NS / cpu[1]);
	}
}

/* Beside a room without keys, where either just comes and goes. */
void
handshake(const struct room r[ROOMS])
{
	compare(r, "let.in", false);
	compare(r, "refused", true);
}
