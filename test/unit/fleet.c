/*
 * A fleet: several nodes of one room in this process, and their log
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "core/client.h"
#include "core/server.h"
#include "fleet.h"
#include "listen/listener.h"
#include "logline.h"
#include "loop.h"
#include "member/entry.h"
#include "member/member.h"
#include "room/replica.h"
#include "rulebook.h"
#include "store/load.h"
#include "unit.h"
#include "upgrade/state.h"

#define IDENT		"log.1"
#define SEGMENT		2000		/* bytes, so that some have several */
#define RING		(16 * RING_SIZE_MIN)	/* nothing is forgotten */
#define DATE		1700000000	/* when all this happens */
#define TIME		"\n\001time "
#define TIME_DIGITS	10
#define MEMORY		8192
#define FDS		64

struct site sites[FLEET_MAX];
size_t nsites;

static struct listeners no_listeners;
static size_t max_sessions;
static struct bytes *entries;
static size_t nentries;
static char **wanted;			/* what a node is to be after each */
static struct bytes *late;		/* puts that were given up */
static size_t nlate;
static uint64_t others;			/* epochs of a node that isn't here */
static struct book book;

void
bytes_add(struct bytes *b, const char *text, size_t len)
{
	b->text = realloc(b->text, b->len + len + 1);
	CHECK(b->text != NULL);
	memcpy(b->text + b->len, text, len);
	b->len += len;
	b->text[b->len] = '\0';
}

void
bytes_drop(struct bytes *b, size_t len)
{
	if (len == 0)
		return;
	b->len -= len;
	memmove(b->text, b->text + len, b->len + 1);
}

void
bytes_free(struct bytes *b)
{
	free(b->text);
	b->text = NULL;
	b->len = 0;
}

bool
bytes_read(struct bytes *b, int fd)
{
	char buf[65536];
	ssize_t n;

	while ((n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		bytes_add(b, buf, (size_t)n);
	return n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void
bytes_write(struct bytes *b, int fd, size_t most)
{
	size_t len = b->len < most ? b->len : most;
	ssize_t n;

	if (len == 0)
		return;
	n = send(fd, b->text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		bytes_drop(b, (size_t)n);
}

const struct book *
fleet_book(void)
{
	return &book;
}

void
fleet_begin(const char *dir, size_t n, size_t sessions)
{
	struct site *site;

	memset(sites, 0, sizeof(sites));
	nsites = n;
	max_sessions = sessions;
	for (site = sites; site < sites + n; site++) {
		(void)snprintf(site->name, sizeof(site->name), "n%d",
		    (int)(site - sites));
		CHECK((size_t)snprintf(site->path, sizeof(site->path), "%s/%s",
		    dir, site->name) < sizeof(site->path));
		site->first = FLEET_ROOM + 1000000 * (uint64_t)(site - sites);
		site->segment = unit_random(2) == 0 ? SEGMENT : UINT64_MAX;
		site->helper.fd = -1;
	}
}

void
fleet_end(void)
{
	size_t i;

	for (i = 0; i < nsites; i++) {
		if (sites[i].s != NULL)
			site_end(&sites[i], false);
	}
	while (nentries > 0) {
		free(wanted[--nentries]);
		bytes_free(&entries[nentries]);
	}
	while (nlate > 0)
		bytes_free(&late[--nlate]);
	free(wanted);
	free(entries);
	free(late);
	book_free(&book);
	wanted = NULL;
	entries = late = NULL;
	others = 0;
}

void *
fleet_grow(void *p, size_t n, size_t size)
{
	void *more = reallocarray(p, n, size);

	CHECK(more != NULL);
	return more;
}

static void
append(const char *text, size_t len)
{
	char buf[MEMORY];

	entries = fleet_grow(entries, nentries + 1, sizeof(*entries));
	wanted = fleet_grow(wanted, nentries + 1, sizeof(char *));
	book_read(&book, text, len);
	book_describe(&book, buf, sizeof(buf));
	wanted[nentries] = strdup(buf);
	CHECK(wanted[nentries] != NULL);
	memset(&entries[nentries], 0, sizeof(*entries));
	bytes_add(&entries[nentries++], text, len);
}

void
fleet_append_late(void)
{
	const struct bytes *b;

	if (nlate == 0 || nentries == 0)
		return;
	/* Most often one of the last. */
	b = &late[nlate - 1 - unit_random(unit_random(4) > 0 && nlate > 3 ? 3 :
	    (uint32_t)nlate)];
	append(b->text, b->len);
}

void
fleet_append_junk(void)
{
	static const char *const junk[] = {
		"\n", "nothing", "\001entry 1 n0 1 2 0\n",
		"\001entry 1 n1 1 2 0000000000000000\n\001time 1\n\001by 1\n"
	};
	const char *text = junk[unit_random(4)];

	if (nentries > 0)
		append(text, strlen(text));
}

void
fleet_append_down(const struct site *site)
{
	const struct node *node;
	char text[256];
	int len;

	if (site->s == NULL || nentries == 0)
		return;
	node = site->s->member->self;
	len = snprintf(text, sizeof(text), "\001entry 1 z %" PRIu64
	    " 1 %016d" TIME "%d\n\001node x\n\001down %s %" PRIu64 "\n",
	    ++others, 0, DATE, site->name, node->epoch);
	append(text, (size_t)len);
}

/* Nodes whose clocks differ, and which say the same in each run. */
static void
set_time(struct bytes *b)
{
	char *p = strstr(b->text, TIME), date[TIME_DIGITS + 1];
	struct entry e;

	CHECK(entry_parse(&e, b->text, b->len) == ENTRY_GOOD);
	CHECK(p != NULL && p[strlen(TIME) + TIME_DIGITS] == '\n');
	(void)snprintf(date, sizeof(date), "%u", DATE +
	    (unsigned)(7 * e.epoch + e.seq / 2) + 9 * (unsigned)(e.node[1] -
	    '0'));
	memcpy(p + strlen(TIME), date, TIME_DIGITS);
}

static struct server *
set_up(const struct site *site, bool with_room)
{
	struct config config = { .clients_max = 100, .per_address = SIZE_MAX,
	    .patience = CLOCK_NEVER / 4, .sessions = max_sessions };
	struct server *s = malloc(sizeof(*s));

	/* Who begins the log has said how many sessions are kept; what others
	 * are told doesn't count. */
	if (nentries > 0)
		config.sessions = nentries % 4;
	config.log = "";
	(void)strlcpy(config.node, site->name, sizeof(config.node));
	config.store.path = site->path;
	config.store.segment_size = site->segment;
	config.store.keep = UINT64_MAX;
	CHECK(s != NULL && loop_init(s, &config, with_room ?
	    ring_new(RING, site->first) : NULL, &no_listeners) == 0);
	CHECK(member_init(s) == 0);
	return s;
}

/* The list's sessions, in its order. */
static void
describe_sessions(FILE *f, const struct session_list *l)
{
	const struct session *p = NULL;

	TAILQ_FOREACH(p, l, use) {
		fprintf(f, "%s %" PRIu64, p->name, session_lines(p));
		if (p->owner != NULL)
			fprintf(f, " of %s %" PRIu64, p->owner->node->name,
			    p->owner->conn);
		fprintf(f, ", ");
	}
}

/* A node knows itself before the log does. */
static void
describe_nodes(FILE *f, struct replica *r)
{
	const struct node *node;
	char name[16];
	size_t i;

	for (i = 0; i <= nsites; i++) {
		(void)snprintf(name, sizeof(name), "n%zu", i);
		node = replica_node(r, i == nsites ? "z" : name);
		if (node != NULL && node->epoch > 0)
			fprintf(f, "%s %" PRIu64 " %" PRIu64 " %016" PRIx64
			    "%s, ", node->name, node->epoch, node->seq,
			    node->hash, node->down ? " down" : "");
	}
}

/* All that has to be the same at every node. */
static void
describe(char *buf, const struct server *s)
{
	struct replica *r = &s->member->replica;
	FILE *f = fmemopen(buf, MEMORY, "w");

	CHECK(f != NULL);
	fprintf(f, "%" PRIu64 " to %" PRIu64 ", %" PRIu64 " sessions, %016"
	    PRIx64 " %" PRId64 "\nnodes: ", s->journal->first_line,
	    s->ring->next, r->sessions, r->hash, r->time);
	describe_nodes(f, r);
	fprintf(f, "\nidle: ");
	describe_sessions(f, &s->sessions.idle);
	fprintf(f, "\nhere: ");
	describe_sessions(f, &s->sessions.here);
	CHECK(fclose(f) == 0);
}

/* At the same position, all nodes are the same: as the page says. */
static void
compare(const struct site *site)
{
	uint64_t pos = site->s->member->replica.pos;
	char buf[MEMORY];

	CHECK(pos <= nentries);
	if (pos == 0)
		return;
	describe(buf, site->s);
	if (strcmp(wanted[pos - 1], buf) != 0)
		unit_fail(__FILE__, __LINE__, site->name,
		    "at position %" PRIu64 "\n%s\nand not\n%s", pos, buf,
		    wanted[pos - 1]);
}

void
site_start(struct site *site)
{
	struct server *s = set_up(site, true);
	const char *why = "";

	CHECK(site->s == NULL);
	if (store_open(&s->journal->store, &s->config.store, &why) == -1 ||
	    load_room(s->journal, s->ring, &s->sessions, site->first,
	    &s->last_id, &why) == -1)
		unit_fail(__FILE__, __LINE__, site->path, "%s", why);
	s->sessions.held_until = CLOCK_NEVER;
	CHECK(member_begin(s) == 0);
	site->s = s;
	compare(site);
}

/* What was written last gets lost, but not what was synced before. */
static void
tear(const struct site *site, const struct segment *newest)
{
	char path[sizeof(site->path) + STORE_NAME_SIZE], name[STORE_NAME_SIZE];
	uint64_t left = newest->size - newest->head;

	/* Often not much. */
	if (left > 200 && unit_random(2) == 0)
		left = 200;
	(void)snprintf(path, sizeof(path), "%s/%s", site->path,
	    store_name(name, newest->first));
	CHECK_IN(truncate(path, (off_t)(newest->size -
	    unit_random((uint32_t)left + 1))) == 0, "%s", path);
}

void
site_end(struct site *site, bool torn)
{
	struct segment newest = *store_newest(&site->s->journal->store);

	loop_free(site->s);
	free(site->s);
	site->s = NULL;
	site->life++;
	site->stopping = false;
	site_detach(site);
	if (torn)
		tear(site, &newest);
}

void
site_stop(struct site *site)
{
	struct server *s = site->s;
	size_t i;

	if (site->stopping)
		return;
	site->stopping = true;
	s->closing = clock_now() + BYE_MS;
	for (i = 0; i < s->nclients; i++)
		server_dismiss(s, s->clients[i], s->ring->head, s->closing,
		    BYE_CLOSING);
}

void
site_upgrade(struct site *site)
{
	struct server *s = site->s, *next = set_up(site, false);
	FILE *f = tmpfile();
	int fds[FDS];
	size_t i, n;

	CHECK(f != NULL && s->nclients + 2 <= FDS);
	CHECK_STR(state_write(s, f), NULL);
	n = state_fds(s, fds);
	for (i = 0; i < n; i++)
		CHECK((fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3)) != -1);
	rewind(f);
	CHECK_STR(state_read(next, f, fds, n, false), NULL);
	CHECK(fclose(f) == 0);
	loop_free(s);
	free(s);
	site->s = next;
	compare(site);
}

bool
site_is_open(const struct site *site)
{
	return site->s != NULL && !site->stopping && member_is_open(site->s);
}

bool
site_is_quiet(const struct site *site)
{
	const struct member *m = site->s->member;

	return m->phase == MEMBER_JOINED && !m->self->down &&
	    m->replica.pos == nentries && !m->outstanding && m->box.len == 0 &&
	    site->s->journal->n == 0;
}

/* Whoever wants to know the log's end is not forgotten. */
static void
check_questions(struct member *m)
{
	const struct speaker *sp = NULL;

	if (!m->connected || m->asking)
		return;
	TAILQ_FOREACH(sp, &m->speakers.waiting, turn) {
		CHECK(sp->wait != SPEAKER_ASKS);
	}
}

void
site_step(struct site *site)
{
	struct server *s = site->s;

	CHECK(loop_round(s, 0) == 0);
	CHECK_IN(!s->failed, "%s can't go on", site->name);
	CHECK_IN(site->helper.fd == -1 || s->member->wire.fd != -1,
	    "%s doesn't like its helper", site->name);
	compare(site);
	check_questions(s->member);
	if (site->stopping && s->nclients == 0 && member_has_left(s))
		site_end(site, false);
}

void
site_attach(struct site *site)
{
	static uint64_t number;
	int pair[2];

	site_detach(site);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	site->helper.fd = pair[1];
	member_attach(site->s, pair[0], ++number);
}

/* A put that nobody waits for can still reach the log. */
static void
give_up_put(struct helper *h)
{
	if (h->put.text == NULL)
		return;
	late = fleet_grow(late, nlate + 1, sizeof(*late));
	late[nlate++] = h->put;
	memset(&h->put, 0, sizeof(h->put));
	h->appended = 0;
}

void
site_detach(struct site *site)
{
	struct helper *h = &site->helper;

	if (h->fd != -1)
		CHECK(close(h->fd) == 0);
	give_up_put(h);
	bytes_free(&h->in);
	bytes_free(&h->out);
	memset(h, 0, sizeof(*h));
	h->fd = -1;
}

static void
token_of(char *token, uint64_t pos)
{
	(void)snprintf(token, TOKEN_MAX + 1, pos == 0 ? "0" : "t%" PRIu64, pos);
}

static void
check_token(const struct logline *l)
{
	char token[TOKEN_MAX + 1];

	token_of(token, l->pos);
	CHECK_STR(l->token, token);
}

/* Whether it has come back, perhaps as another helper has appended it. */
static bool
has_come_back(const struct helper *h)
{
	uint64_t i = h->delivered;

	while (i > 0 && (entries[i - 1].len != h->put.len ||
	    memcmp(entries[i - 1].text, h->put.text, h->put.len) != 0))
		i--;
	return i > 0;
}

static void
take_put(struct helper *h, const struct logline *l)
{
	CHECK(h->told && (h->put.text == NULL || has_come_back(h)));
	give_up_put(h);
	bytes_add(&h->put, l->data, l->len);
	set_time(&h->put);
}

static void
take_line(struct helper *h, const struct logline *l)
{
	CHECK(h->asked == (l->kind != LOGLINE_FROM));
	switch (l->kind) {
	case LOGLINE_FROM:
		check_token(l);
		h->asked = true;
		h->delivered = l->pos;
		break;
	case LOGLINE_PUT:
		take_put(h, l);
		break;
	case LOGLINE_KEEP:
		check_token(l);
		CHECK(l->pos <= nentries);
		break;
	case LOGLINE_END:
		CHECK(h->told && !h->asking);
		h->asking = true;
		break;
	default:
		CHECK(false);
	}
}

void
helper_read(struct site *site)
{
	struct helper *h = &site->helper;
	struct logline l;
	ssize_t size;

	if (h->fd == -1)
		return;
	CHECK(bytes_read(&h->in, h->fd));
	while ((size = logline_cut(&l, LOGLINE_ROOM, h->in.text,
	    h->in.len)) > 0) {
		take_line(h, &l);
		bytes_drop(&h->in, (size_t)size);
	}
	CHECK(size == 0);
}

static void
say(struct helper *h, const struct logline *l)
{
	char line[LOGLINE_SIZE];

	bytes_add(&h->out, line, logline_format(line, l, LOGLINE_HELPER));
	if (l->kind == LOGLINE_GOT)
		bytes_add(&h->out, l->data, l->len);
}

void
helper_log(struct site *site)
{
	struct logline l = { .kind = LOGLINE_LOG, .oldest = 1, .token = IDENT };
	struct helper *h = &site->helper;

	if (!h->asked)
		return;
	l.newest = nentries;
	say(h, &l);
	h->told = true;
}

void
helper_stick(struct site *site, bool stuck)
{
	struct logline l = { .kind = stuck ? LOGLINE_STUCK : LOGLINE_GOING,
	    .data = "why", .len = stuck ? 3 : 0 };
	struct helper *h = &site->helper;

	if (!h->told || h->stuck == stuck)
		return;
	h->stuck = stuck;
	say(h, &l);
}

void
helper_answer(struct site *site)
{
	struct logline l = { .kind = LOGLINE_END, .pos = nentries };
	struct helper *h = &site->helper;

	if (!h->asking)
		return;
	h->asking = false;
	say(h, &l);
}

void
helper_deliver(struct site *site, uint64_t n)
{
	struct helper *h = &site->helper;
	struct logline l = { .kind = LOGLINE_GOT };

	for (; n > 0 && h->told && h->delivered < nentries; n--) {
		l.data = entries[h->delivered].text;
		l.len = entries[h->delivered].len;
		l.pos = ++h->delivered;
		token_of(l.token, l.pos);
		say(h, &l);
	}
}

void
helper_write(struct site *site, size_t most)
{
	if (site->helper.fd != -1)
		bytes_write(&site->helper.out, site->helper.fd, most);
}

void
helper_append(struct site *site)
{
	struct helper *h = &site->helper;

	if (h->put.text == NULL)
		return;
	append(h->put.text, h->put.len);
	if (h->appended == 0)
		h->appended = nentries;
}
