/*
 * store - any bytes as segments are loaded, or told to be damaged
 *
 * FE in an input ends a segment; the next one is named by what follows.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/catchup.h"
#include "core/client.h"
#include "fuzz.h"
#include "line.h"
#include "room/replica.h"
#include "room/ring.h"
#include "room/session.h"
#include "store/journal.h"
#include "store/load.h"
#include "text.h"

#define FIRST	1000
#define SPLIT	0xfe

static char path[] = "fuzz-store.XXXXXX";

/* What a store has become. */
struct state {
	uint64_t	 next;
	uint64_t	 authors;
	size_t		 bytes;
	size_t		 sessions;
	uint64_t	 pos;		/* in a log */
};

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (mkdtemp(path) == NULL)
		err(1, "%s", path);
	return 0;
}

static void
write_segment(uint64_t first, const char *s, size_t len)
{
	char name[sizeof(path) + STORE_NAME_SIZE + 1], number[STORE_NAME_SIZE];
	int fd;

	snprintf(name, sizeof(name), "%s/%s", path, store_name(number, first));
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	MUST(fd != -1 && write(fd, s, len) == (ssize_t)len);
	close(fd);
}

static void
write_segments(const char *s, size_t len)
{
	const char *end;
	uint64_t first = FIRST;
	size_t n;

	for (;;) {
		end = len == 0 ? NULL : memchr(s, SPLIT, len);
		n = end == NULL ? len : (size_t)(end - s);
		write_segment(first, s, n);
		if (end == NULL || len - n < 2)
			return;
		first += 1 + (unsigned char)s[n + 1] % 16;
		s += n + 2;
		len -= n + 2;
	}
}

/* Only good lines are in the room, as many as are numbered. */
static void
check_room(const struct ring *r)
{
	struct iovec iov[2];
	struct text_fault f;
	uint64_t pos, end;
	size_t lines = 0;
	char line[MESSAGE_SIZE];
	int i, n;

	for (pos = r->base; pos < r->head; pos = end) {
		end = ring_line_end(r, pos);
		MUST(end - pos <= MESSAGE_SIZE);
		n = ring_iov(r, pos, end, iov);
		for (i = 0, end = pos; i < n; end += iov[i++].iov_len)
			memcpy(line + (end - pos), iov[i].iov_base,
			    iov[i].iov_len);
		MUST(line[end - pos - 1] == '\n');
		MUST(text_check(line, (size_t)(end - pos) - 1, &f));
		MUST(ring_number(r, pos) == ring_oldest(r) + lines);
		lines++;
	}
	MUST(ring_oldest(r) + lines == r->next && r->visible == r->head);
}

/* A client that reads all the past gets only whole good lines. */
static void
check_past(struct journal *j, struct ring *r)
{
	struct catchup_buffer b;
	struct client c = { .until = CURSOR_NONE, .until_line = CURSOR_NONE,
	    .time = TIME_NONE, .times = true };
	struct text_fault f;
	size_t rounds;
	char *p, *lf;

	MUST(catchup_init(&b, j) == 0);
	ring_publish(r);
	catchup_enter(&c, 1);
	for (rounds = 0; !catchup_return(&c, r); rounds++) {
		MUST(rounds < 100000);
		catchup_read(&c, r, &b);
		for (p = b.out; p < b.out + b.len; p = lf + 1) {
			lf = memchr(p, '\n', b.len - (size_t)(p - b.out));
			MUST(lf != NULL);
			MUST(*p == CTL_MARK ||
			    text_check(p, (size_t)(lf - p), &f));
		}
		MUST(catchup_written(&c, &b, b.len) == 0);
	}
	catchup_free(&b);
}

/* A session that is here has an owner, and no other one has. */
static void
check_owners(const struct sessions *all)
{
	const struct session *s = NULL;

	TAILQ_FOREACH(s, &all->here, use) {
		MUST(s->owner != NULL && s->owner->session == s);
	}
	TAILQ_FOREACH(s, &all->idle, use) {
		MUST(s->owner == NULL);
	}
}

/* Returns whether it can be loaded, as a replica or not; everything is free
 * again then. */
static bool
load(struct state *state, bool go_on, struct replica *replica)
{
	struct store_config config = { .path = path, .segment_size = 65536,
	    .keep = UINT64_MAX, .go_on = go_on };
	struct ring *r = ring_new(RING_SIZE_MIN, FIRST);
	struct journal j;
	struct sessions all;
	const char *why;
	bool good;

	memset(&j, 0, sizeof(j));
	j.replica = replica;
	sessions_init(&all, 3);
	MUST(r != NULL && store_open(&j.store, &config, &why) == 0);
	good = load_room(&j, r, &all, FIRST, &state->authors, &why) == 0;
	if (good) {
		check_room(r);
		MUST(j.position == r->head && j.store.n > 0);
		MUST(store_newest(&j.store)->head <=
		    store_newest(&j.store)->size);
		state->next = r->next;
		state->bytes = (size_t)(r->head - r->base);
		state->sessions = all.n;
		state->pos = replica == NULL ? 0 : replica->pos;
		if (replica != NULL)
			check_owners(&all);
		check_past(&j, r);
	}
	sessions_free(&all);
	ring_free(r);
	journal_free(&j);
	return good;
}

static void
delete_all(void)
{
	struct store_config config = { .path = path };
	struct store st;
	const char *why;

	MUST(store_open(&st, &config, &why) == 0);
	while (st.n > 0)
		MUST(store_drop_newest(&st) == 0);
	store_close(&st);
}

/* What was torn is cut: now it's all good. */
static void
must_be_same(const struct state *first, const struct state *again)
{
	MUST(again->next == first->next);
	MUST(again->authors == first->authors);
	MUST(again->bytes == first->bytes);
	MUST(again->sessions == first->sessions);
	MUST(again->pos == first->pos);
}

static void
fuzz_store(void)
{
	struct state first, again;

	if (load(&first, false, NULL)) {
		MUST(load(&again, false, NULL));
		must_be_same(&first, &again);
	} else {
		MUST(load(&first, true, NULL));
		MUST(load(&again, true, NULL));
		MUST(again.next >= first.next);
	}
}

/* With -f too there may be damage that isn't mended. */
static void
fuzz_replica(void)
{
	struct state first, again;
	struct replica r;

	replica_init(&r);
	if (load(&first, false, &r)) {
		replica_free(&r);
		MUST(load(&again, false, &r));
		must_be_same(&first, &again);
	} else if (replica_free(&r), load(&first, true, &r)) {
		replica_free(&r);
		MUST(load(&again, true, &r));
		MUST(again.next == first.next && again.pos == first.pos);
	}
	replica_free(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char stream[STREAM_MAX];
	size_t len = fuzz_stream(stream, data, size);

	write_segments(stream, len);
	fuzz_store();
	delete_all();
	write_segments(stream, len);
	fuzz_replica();
	delete_all();
	return 0;
}
