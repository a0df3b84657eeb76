/*
 * Loop: what the helper does, until the room ends
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "append.h"
#include "clock.h"
#include "end.h"
#include "keep.h"
#include "log.h"
#include "loop.h"
#include "open.h"
#include "place.h"
#include "pollfd.h"
#include "progress.h"
#include "space.h"
#include "watch.h"

enum {
	PFD_ROOM,			/* two */
	PFD_GRPC = 2,
	PFD_DIALS,
	PFD_N = PFD_DIALS + ENDPOINTS_MAX
};

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
deadline(const struct helper *h)
{
	int64_t when = progress_deadline(h);

	if (h->phase == PHASE_DOWN && h->asked)
		when = earlier(when, endpoints_when(&h->endpoints));
	if (h->phase == PHASE_DIALLING)
		when = earlier(when, h->since + HELPER_WAIT_MS);
	when = earlier(when, open_deadline(h));
	when = earlier(when, watch_deadline(h));
	when = earlier(when, append_deadline(h));
	when = earlier(when, end_deadline(h));
	when = earlier(when, keep_deadline(h));
	when = earlier(when, space_deadline(h));
	return earlier(when, place_deadline(h));
}

static void
set_phase(struct helper *h, enum phase phase)
{
	h->phase = phase;
	h->since = clock_now();
}

/* Without a connection, all that was asked on it is to be asked again. */
static void
disconnect(struct helper *h)
{
	grpc_free(h->grpc);
	h->grpc = NULL;
	open_reset(h);
	watch_reset(h);
	append_reset(h);
	end_reset(h);
	keep_reset(h);
	space_reset(h);
	place_reset(h);
}

/* What fails again and again is logged with -v only. */
static void
next_endpoint(struct helper *h)
{
	if (h->verbose || h->phase == PHASE_OPEN)
		log_event("%s: %s", endpoints_current(&h->endpoints)->name,
		    h->failure);
	progress_failed(h);
	space_missed(h);
	h->failure[0] = '\0';
	disconnect(h);
	endpoints_next(&h->endpoints);
	set_phase(h, PHASE_DOWN);
}

static void
connected(struct helper *h, int fd)
{
	const struct endpoint *p = endpoints_current(&h->endpoints);

	h->grpc = grpc_new(fd, h->context, p->addr.host);
	if (h->grpc == NULL) {
		helper_fail(h, "there is no memory");
		return;
	}
	set_phase(h, PHASE_OPENING);
	open_begin(h);
}

static void
dial_step(struct helper *h, int64_t now)
{
	if (h->phase == PHASE_DOWN && h->asked &&
	    now >= endpoints_when(&h->endpoints)) {
		endpoints_dial(&h->endpoints);
		set_phase(h, PHASE_DIALLING);
	}
	if (h->phase == PHASE_DIALLING && now - h->since >= HELPER_WAIT_MS) {
		endpoints_forget(&h->endpoints);
		helper_fail(h, "it can't be reached");
	}
}

static void
steps(struct helper *h)
{
	int64_t now = clock_now();

	if (h->phase == PHASE_OVER)
		return;
	dial_step(h, now);
	open_step(h, now);
	watch_step(h, now);
	append_step(h, now);
	end_step(h, now);
	keep_step(h, now);
	space_step(h, now);
	place_step(h, now);
	if (h->grpc != NULL) {
		grpc_ready(h->grpc, false);
		if (grpc_why(h->grpc) != NULL)
			helper_fail(h, "%s", grpc_why(h->grpc));
	}
	progress_step(h, now);
}

static const char *
take_from(struct helper *h, const struct logline *l, uint64_t revision)
{
	if (h->asked)
		return "says \"from\" twice";
	h->asked = true;
	h->pos = l->pos;
	h->token = l->pos == 0 ? 0 : revision;
	keep_begin(h);
	marks_init(&h->keep.marks, h->token, h->most);
	helper_progress(h);
	return NULL;
}

/* Our tokens are revisions. Returns NULL, or what is wrong. */
static const char *
take_line(struct helper *h, const struct logline *l)
{
	struct word w = { l->token, strlen(l->token) };
	uint64_t revision = 0;

	if ((l->kind == LOGLINE_FROM || l->kind == LOGLINE_KEEP) &&
	    (!word_number(&w, &revision) || revision > INT64_MAX))
		return "says a token that isn't ours";
	if (l->kind != LOGLINE_FROM && !h->asked)
		return "does not say \"from\" first";
	switch (l->kind) {
	case LOGLINE_FROM:
		return take_from(h, l, revision);
	case LOGLINE_PUT:
		append_put(h, l);
		return NULL;
	case LOGLINE_KEEP:
		keep_take(h, l->pos, revision);
		return NULL;
	default:
		return end_ask(h) ? NULL : "says \"end\" twice";
	}
}

/* Returns 0, or -1. */
static int
take_lines(struct helper *h)
{
	const char *wrong = NULL;
	struct logline l;
	int n;

	while ((n = room_next(&h->room, &l)) == 1 && wrong == NULL) {
		if (h->phase != PHASE_OVER)
			wrong = take_line(h, &l);
	}
	if (n == -1)
		wrong = "says what is no log line";
	if (wrong == NULL)
		return 0;
	log_event("the room %s", wrong);
	return -1;
}

static void
poll_all(struct helper *h, struct pollfd *pfd)
{
	size_t i;

	for (i = 0; i < PFD_N; i++)
		pollfd_set(&pfd[i], -1, 0);
	room_poll(&h->room, &pfd[PFD_ROOM]);
	if (h->grpc != NULL)
		grpc_poll(h->grpc, &pfd[PFD_GRPC]);
	endpoints_poll(&h->endpoints, &pfd[PFD_DIALS]);
	while (poll(pfd, PFD_N, clock_timeout(deadline(h))) == -1) {
		if (errno != EINTR)
			err(1, "poll");
	}
}

static void
dials_ready(struct helper *h, const struct pollfd *pfd)
{
	char why[128];
	int fd = endpoints_ready(&h->endpoints, pfd, why, sizeof(why));

	if (fd != -1)
		connected(h, fd);
	else if (h->phase == PHASE_DIALLING && why[0] != '\0')
		helper_fail(h, "%s", why);
}

int
loop_run(struct helper *h)
{
	struct pollfd pfd[PFD_N];

	while (!h->room.ended) {
		steps(h);
		if (h->failure[0] != '\0')
			next_endpoint(h);
		if (h->phase == PHASE_OVER && h->grpc != NULL)
			disconnect(h);
		room_write(&h->room);
		poll_all(h, pfd);
		dials_ready(h, &pfd[PFD_DIALS]);
		if (h->grpc != NULL && pfd[PFD_GRPC].revents != 0)
			grpc_ready(h->grpc, true);
		if (pfd[PFD_ROOM].revents != 0)
			room_read(&h->room);
		if (take_lines(h) == -1)
			return -1;
	}
	return 0;
}
