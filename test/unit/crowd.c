/*
 * A crowd: clients of a fleet, who know what they have said and heard
 */
#include <sys/socket.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/server.h"
#include "crowd.h"
#include "ctl.h"
#include "door/door.h"
#include "unit.h"

#define LINE		4096		/* bytes, for any line */

struct visitor crowd[CROWD_MAX];
size_t ncrowd;

static bool may_forget;
static struct link **all;		/* links, also those that are over */
static size_t nall;

/* What the room has at last. */
static char *const *room;
static size_t nroom;
static uint64_t room_first;

void
crowd_begin(size_t n, bool forgetful)
{
	size_t i;

	memset(crowd, 0, sizeof(crowd));
	ncrowd = n;
	may_forget = forgetful;
	for (i = 0; i < n; i++) {
		crowd[i].number = (unsigned)i;
		crowd[i].kind = (enum visitor_kind)(i < 4 ? i :
		    unit_random(4));
	}
}

static void
close_link(struct link *l)
{
	struct visitor *v = l->who;

	if (l->fd == -1)
		return;
	CHECK(close(l->fd) == 0);
	l->fd = -1;
	if (v->link[1] == l)
		v->link[1] = NULL;
	else
		v->link[0] = NULL;
}

void
crowd_end(void)
{
	for (; nall > 0; nall--) {
		close_link(all[nall - 1]);
		bytes_free(&all[nall - 1]->in);
		bytes_free(&all[nall - 1]->out);
		free(all[nall - 1]);
	}
	free(all);
	all = NULL;
}

static bool
has_session(const struct visitor *v)
{
	return v->kind == VISITOR_SENDS || v->kind == VISITOR_CHATS;
}

/* The kth line of a visitor, k > 0, is always the same. */
static bool
is_refused(const struct visitor *v, uint64_t k)
{
	return (v->number * 5 + k * 3) % 7 == 0;
}

/* Mostly short; some that fill entries. Returns the length without a LF. */
static size_t
text_of(const struct visitor *v, uint64_t k, char text[LINE])
{
	size_t len = (size_t)snprintf(text, LINE, "v%u.%" PRIu64 " ", v->number,
	    k), more = (size_t)((v->number * 31 + k * 7) % 23 == 0 ? 3500 :
	    (v->number * 17 + k * 13) % 41);

	memset(text + len, is_refused(v, k) ? '\x80' : 'x', more + 1);
	text[len + more + 1] = '\0';
	return len + more + 1;
}

/* Whose line that is. */
static struct visitor *
author_of(const char *text, uint64_t *k)
{
	unsigned v;
	char want[LINE];

	CHECK_IN(sscanf(text, "v%u.%" SCNu64, &v, k) == 2 && v < ncrowd, "%s",
	    text);
	(void)text_of(&crowd[v], *k, want);
	CHECK_STR(text, want);
	CHECK_IN(*k > 0 && *k <= crowd[v].wants && !is_refused(&crowd[v], *k),
	    "%s", text);
	return &crowd[v];
}

bool
visitor_is_here(const struct visitor *v)
{
	return v->link[0] != NULL || v->link[1] != NULL;
}

bool
visitor_may_enter(const struct visitor *v)
{
	return !v->forgotten && (v->kind != VISITOR_PLAIN || v->links == 0);
}

static void
greet(struct link *l)
{
	struct hello h = { .role = ROLE_RECV };
	const struct visitor *v = l->who;
	char line[CTL_SIZE];

	if (v->kind == VISITOR_PLAIN)
		return;
	if (has_session(v)) {
		h.role = v->kind == VISITOR_SENDS ? ROLE_SEND : ROLE_CHAT;
		(void)snprintf(h.session, sizeof(h.session), "s%u", v->number);
	}
	if (v->kind != VISITOR_SENDS && v->next > 0) {
		h.history = HISTORY_FROM;
		h.n = l->from = v->next;
	}
	bytes_add(&l->out, line, hello_format(line, &h));
	bytes_write(&l->out, l->fd, SIZE_MAX);
	CHECK(l->out.len == 0);
}

void
visitor_enter(struct visitor *v, struct site *site)
{
	struct sockaddr sa = { .sa_family = AF_UNIX };
	struct link *l = calloc(1, sizeof(*l));
	int pair[2];

	CHECK(l != NULL && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	all = fleet_grow(all, nall + 1, sizeof(struct link *));
	all[nall++] = l;
	l->who = v;
	l->fd = pair[1];
	l->site = site;
	l->life = site->life;
	l->least = v->settled;
	v->links++;
	door_enter(site->s, pair[0], &sa);
	greet(l);
	if (v->link[0] != NULL && v->link[1] != NULL)
		close_link(v->link[0]);
	if (v->link[0] == NULL)
		v->link[0] = v->link[1];
	v->link[1] = l;
	if (v->kind == VISITOR_PLAIN)
		visitor_think(v);
}

void
visitor_think(struct visitor *v)
{
	const struct link *l = v->link[1];

	if (v->kind != VISITOR_READS && !v->forgotten &&
	    (v->kind != VISITOR_PLAIN || (l != NULL && !l->half)))
		v->wants += 1 + unit_random(4);
}

static void
compose(struct link *l)
{
	const struct visitor *v = l->who;
	char text[LINE];
	size_t len;

	if (l->half || v->forgotten || (has_session(v) && !l->answered))
		return;
	while (l->sent < v->wants) {
		len = text_of(v, ++l->sent, text);
		text[len++] = '\n';
		bytes_add(&l->out, text, len);
	}
	if (l->sent > l->who->said)
		l->who->said = l->sent;
}

/* Its session goes on there. If the room has forgotten it, nobody can know any
 * more which lines it has. */
static void
take_answer(struct link *l, uint64_t settled)
{
	struct visitor *v = l->who;

	l->answered = true;
	l->sent = settled;
	/* An answer may come late, and count less than a later one has. */
	if (settled < l->least || (may_forget && settled == 0 && v->said > 0))
		v->forgotten = true;
	CHECK_IN(!v->forgotten || may_forget,
	    "the session of visitor %u is forgotten", v->number);
}

static void
take_ok(struct link *l, const struct notice *n)
{
	struct visitor *v = l->who;

	CHECK(has_session(v));
	if (!l->answered)
		take_answer(l, n->n);
	CHECK_IN(n->n <= l->sent, "%" PRIu64 " lines of visitor %u, who has "
	    "said %" PRIu64, n->n, v->number, l->sent);
	if (n->n > v->settled)
		v->settled = n->n;
}

static void
take_notice(struct link *l, const char *text, size_t len)
{
	struct visitor *v = l->who;
	struct notice n;

	CHECK_IN(notice_parse(&n, text, len), "%s", text);
	switch (n.kind) {
	case NOTICE_OK:
		take_ok(l, &n);
		break;
	case NOTICE_AT:
		l->next = n.n;
		break;
	case NOTICE_ERROR:
		CHECK_IN(v->forgotten || (n.n > 0 && is_refused(v, n.n)),
		    "%s", text);
		break;
	case NOTICE_BYE:
		break;
	default:
		unit_fail(__FILE__, __LINE__, "notice", "%s", text);
	}
}

/* Look at the next line, up to its LF. Returns false if there is none. */
static bool
take_line(struct link *l)
{
	const char *text = l->in.text + l->done;
	const char *lf = l->in.len == l->done ? NULL : strchr(text, '\n');

	if (lf == NULL)
		return false;
	if (text[0] == CTL_MARK)
		take_notice(l, text + 1, (size_t)(lf - text - 1));
	else if (l->next > 0)
		l->next++;
	if (l->next > l->who->next)
		l->who->next = l->next;
	l->done += (size_t)(lf - text) + 1;
	return true;
}

static void
step(struct link *l, size_t most)
{
	bool open;

	if (l == NULL)
		return;
	compose(l);
	/* Of plain clients, a line that is cut short counts. */
	bytes_write(&l->out, l->fd, l->who->kind == VISITOR_PLAIN ? SIZE_MAX :
	    most);
	open = bytes_read(&l->in, l->fd);
	while (take_line(l))
		;
	/* What it has said may have been lost on the way. */
	if (!open && (!l->half || l->site->stopping ||
	    l->site->life != l->life))
		l->who->doubt = true;
	if (!open)
		close_link(l);
}

void
visitor_step(struct visitor *v, size_t most)
{
	step(v->link[0], most);
	step(v->link[1], most);
}

void
visitor_cut(struct visitor *v)
{
	v->doubt = v->doubt || visitor_is_here(v);
	if (v->link[0] != NULL)
		close_link(v->link[0]);
	if (v->link[1] != NULL)
		close_link(v->link[1]);
}

void
visitor_finish(struct visitor *v)
{
	struct link *l = v->link[1];

	if (l == NULL || l->half)
		return;
	compose(l);
	if (l->sent < v->wants)
		return;
	bytes_write(&l->out, l->fd, SIZE_MAX);
	if (l->out.len > 0)
		return;
	CHECK(shutdown(l->fd, SHUT_WR) == 0);
	l->half = true;
}

bool
visitor_is_content(const struct visitor *v)
{
	switch (v->kind) {
	case VISITOR_PLAIN:
		return !visitor_is_here(v);
	case VISITOR_SENDS:
	case VISITOR_CHATS:
		return v->forgotten || v->settled == v->wants;
	case VISITOR_READS:
		break;
	}
	return visitor_is_here(v);
}

/* Each line is there once, in its order, and none is missing. */
static void
judge_said(const struct visitor *v)
{
	uint64_t last = 0, k;
	bool exact = v->kind != VISITOR_PLAIN || !v->doubt;
	size_t i;

	if (v->forgotten)
		return;
	for (i = 0; i < nroom; i++) {
		if (author_of(room[i], &k) != v)
			continue;
		CHECK_IN(k > last, "%s comes after line %" PRIu64, room[i],
		    last);
		while (++last < k)
			CHECK_IN(!exact || is_refused(v, last),
			    "line %" PRIu64 " of visitor %u is missing", last,
			    v->number);
	}
	while (++last <= v->wants)
		CHECK_IN(!exact || is_refused(v, last), "line %" PRIu64 " of "
		    "visitor %u is missing", last, v->number);
}

static bool
is_own(const struct link *l, size_t i)
{
	uint64_t k;

	return i < nroom && author_of(room[i], &k) == l->who;
}

/* The index of a line in the room. */
static size_t
find_line(const char *text)
{
	size_t i;

	for (i = 0; i < nroom && strcmp(room[i], text) != 0; i++)
		;
	CHECK_IN(i < nroom, "%s was never said", text);
	return i;
}

/* How far a link has got in the room, and whether that is known. */
struct place_in {
	size_t		 i;
	bool		 known;
	bool		 numbered;	/* "at" has told */
};

static void
pass_own(const struct link *l, struct place_in *at, size_t to)
{
	CHECK_IN(to >= at->i, "visitor %u goes back from line %zu to %zu",
	    l->who->number, at->i, to);
	for (; at->i < to; at->i++)
		CHECK_IN(is_own(l, at->i), "visitor %u doesn't get %s",
		    l->who->number, room[at->i]);
}

static void
judge_at(const struct link *l, struct place_in *at, uint64_t number)
{
	CHECK(number >= room_first && number <= room_first + nroom);
	CHECK_IN(at->numbered || l->from == 0 || number == l->from,
	    "at %" PRIu64 " instead of %" PRIu64, number, l->from);
	if (at->known)
		pass_own(l, at, (size_t)(number - room_first));
	at->i = (size_t)(number - room_first);
	at->known = at->numbered = true;
}

static void
judge_line(const struct link *l, struct place_in *at, const char *text)
{
	size_t i = find_line(text);

	CHECK_IN(!is_own(l, i) || l->who->forgotten, "visitor %u gets %s",
	    l->who->number, text);
	CHECK_IN(at->numbered || l->who->kind == VISITOR_PLAIN,
	    "visitor %u gets %s without a number", l->who->number, text);
	if (!at->known)
		at->i = i;
	at->known = true;
	/* Only plain ones have to know by themselves what is missing. */
	if (!at->numbered)
		pass_own(l, at, i);
	CHECK_IN(at->i == i, "visitor %u gets %s, not %s", l->who->number, text,
	    at->i < nroom ? room[at->i] : "nothing");
	at->i++;
}

/* All that came on a connection, but for a line that was cut. */
static void
judge_heard(const struct link *l)
{
	static char nothing[] = "";
	char *text = l->in.text == NULL ? nothing : l->in.text, *lf;
	struct place_in at = { .i = 0 };
	struct notice n;

	for (; (lf = strchr(text, '\n')) != NULL; text = lf + 1) {
		*lf = '\0';
		if (text[0] != CTL_MARK) {
			judge_line(l, &at, text);
			continue;
		}
		CHECK(notice_parse(&n, text + 1, (size_t)(lf - text - 1)));
		if (n.kind == NOTICE_AT)
			judge_at(l, &at, n.n);
	}
	if (l->fd == -1 || l->who->kind == VISITOR_SENDS)
		return;
	CHECK_IN(at.known || l->who->kind == VISITOR_PLAIN,
	    "visitor %u doesn't get anything", l->who->number);
	if (at.known)
		pass_own(l, &at, nroom);
}

void
crowd_judge(char *const *lines, size_t n, uint64_t first)
{
	size_t i;

	room = lines;
	nroom = n;
	room_first = first;
	for (i = 0; i < ncrowd; i++)
		judge_said(&crowd[i]);
	for (i = 0; i < nall; i++)
		judge_heard(all[i]);
}
