/*
 * chatd/store/: the store of a room that is a replica of a log
 */
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "room/replica.h"
#include "room/ring.h"
#include "room/session.h"
#include "store/journal.h"
#include "store/load.h"
#include "unit.h"

#define FIRST		1000		/* number of the room's first line */
#define HASH0		"0000000000000000"
#define LIVES		60
#define STEPS		12		/* entries in each life */
#define SESSIONS	3		/* remembered, as the log says */
#define TOKENS		6
#define CONNS		4		/* of each node at once */
#define MEMORY		4096

static struct store_config config;
static char path[32];
static struct journal journal;
static struct replica replica;
static struct ring *ring;
static struct sessions sessions;
static uint64_t authors;
static int64_t now;			/* in ms */
static size_t own_sessions = 100;	/* with -r */

static void
begin(void)
{
	memset(&config, 0, sizeof(config));
	(void)strlcpy(path, "/tmp/chat-unit.XXXXXX", sizeof(path));
	CHECK(mkdtemp(path) != NULL);
	config.path = path;
	config.segment_size = config.keep = UINT64_MAX;
	(void)signal(SIGXFSZ, SIG_IGN);
}

static void
open_files(bool with_log)
{
	const char *why = "";

	memset(&journal, 0, sizeof(journal));
	replica_init(&replica);
	sessions_init(&sessions, own_sessions);
	journal.replica = with_log ? &replica : NULL;
	ring = ring_new(64 * RING_SIZE_MIN, FIRST);
	CHECK(ring != NULL && store_open(&journal.store, &config, &why) == 0);
}

static void
close_room(void)
{
	sessions_free(&sessions);
	replica_free(&replica);
	ring_free(ring);
	journal_free(&journal);
}

static void
open_room(bool with_log)
{
	const char *why = "";

	open_files(with_log);
	if (load_room(&journal, ring, &sessions, FIRST, &authors, &why) == -1)
		unit_fail(__FILE__, __LINE__, "load_room", "%s", why);
}

/* It isn't loaded, for that reason. */
static void
check_refused(const char *reason)
{
	const char *why = "";

	open_files(true);
	CHECK(load_room(&journal, ring, &sessions, FIRST, &authors, &why) ==
	    -1);
	CHECK_STR(why, reason);
	close_room();
}

static void
end(void)
{
	struct store st;
	const char *why;

	CHECK(store_open(&st, &config, &why) == 0);
	while (st.n > 0)
		CHECK(store_drop_newest(&st) == 0);
	store_close(&st);
	CHECK(rmdir(path) == 0);
}

static int
open_file(uint64_t first, int flags)
{
	char name[sizeof(path) + STORE_NAME_SIZE + 1];
	char number[STORE_NAME_SIZE];
	int fd;

	(void)snprintf(name, sizeof(name), "%s/%s", path,
	    store_name(number, first));
	fd = open(name, flags | O_CLOEXEC, 0600);
	CHECK_IN(fd != -1, "%s", name);
	return fd;
}

/* Write a segment by hand, or add to it. */
static void
write_file(uint64_t first, const char *text, int flags)
{
	int fd = open_file(first, O_WRONLY | O_CREAT | flags);

	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	CHECK(close(fd) == 0);
}

static void
check_file(uint64_t first, const char *want)
{
	static char buf[65536];
	int fd = open_file(first, O_RDONLY);
	ssize_t n = read(fd, buf, sizeof(buf) - 1);

	CHECK(n >= 0 && close(fd) == 0);
	buf[n] = '\0';
	CHECK_STR(buf, want);
}

static off_t
file_size(uint64_t first)
{
	int fd = open_file(first, O_RDONLY);
	struct stat sb;

	CHECK(fstat(fd, &sb) == 0 && close(fd) == 0);
	return sb.st_size;
}

static bool
commit(void)
{
	bool done;

	now += JOURNAL_RETRY;
	done = journal_commit(&journal, ring, &sessions, authors, now);
	if (done)
		ring_publish(ring);
	return done;
}

/* An entry of that node counts. Its position has the token tPOS. */
static struct node *
enter(const char *name, uint64_t epoch, uint64_t seq)
{
	struct node *node = replica_add(&replica, name);

	CHECK(node != NULL && replica_counts(&replica, node, epoch, seq));
	replica_note(&replica, node, epoch, seq);
	replica.news = ++replica.pos;
	(void)snprintf(replica.token, sizeof(replica.token), "t%d",
	    (int)replica.pos);
	return node;
}

/* What the first entry says, after which a node has begun. */
static void
enter_first(uint64_t kept)
{
	(void)strlcpy(replica.ident, "id", sizeof(replica.ident));
	replica.sessions = kept;
	replica.named = true;
	replica.time = 50;
	sessions.max = (size_t)kept;
	(void)enter("a", 1, 1);
}

static void
say(uint64_t author, const char *text)
{
	CHECK(ring_space(ring) >= strlen(text));
	CHECK(ring_append(ring, author, replica.time, text, strlen(text), 1));
	replica_hash(&replica, text, strlen(text));
}

static void
say_in(struct session *s, const char *text)
{
	say(s->author, text);
	s->stored = ++s->lines;
	session_use(&sessions, s);
}

static struct session *
claim(const char *token, const struct node *node, uint64_t conn)
{
	bool begun;
	struct session *s = session_get(&sessions, token, authors + 1, &begun);

	CHECK(s != NULL);
	authors += begun;
	CHECK(owner_set(&sessions.owners, s, node, conn) == 0);
	session_hold(&sessions, s);
	CHECK(journal_here(&journal, ring, s, s->lines) == 0);
	return s;
}

static void
part(struct session *s)
{
	owner_clear(&sessions.owners, s);
	CHECK(journal_part(&journal, ring, s) == 0);
	session_part(&sessions, s);
}

/* All that is there, in words. */
static const char *
describe(void)
{
	static char buf[MEMORY];
	const struct node *node = NULL;
	const struct session *s = NULL;
	FILE *f = fmemopen(buf, sizeof(buf), "w");

	CHECK(f != NULL);
	fprintf(f, "%s ", replica.ident);
	if (replica.sessions == REPLICA_UNTOLD)
		fprintf(f, "untold");
	else
		fprintf(f, "%" PRIu64, replica.sessions);
	fprintf(f, " %d, %" PRIu64 " %s %016" PRIx64 " %" PRId64,
	    replica.named, replica.pos, replica.token, replica.hash,
	    replica.time);
	TAILQ_FOREACH(node, &replica.nodes, entry) {
		fprintf(f, ", %s %" PRIu64 " %" PRIu64 " %016" PRIx64 "%s",
		    node->name, node->epoch, node->seq, node->hash,
		    node->down ? " down" : "");
	}
	TAILQ_FOREACH(s, &sessions.idle, use) {
		fprintf(f, "; %s %" PRIu64 " %" PRIu64 "%s", s->name,
		    s->author, s->lines, s->owner != NULL ? " owned" : "");
	}
	TAILQ_FOREACH(s, &sessions.here, use) {
		fprintf(f, "; %s %" PRIu64 " %" PRIu64 " here", s->name,
		    s->author, s->lines);
		if (s->owner != NULL)
			fprintf(f, " %s %" PRIu64, s->owner->node->name,
			    s->owner->conn);
	}
	fprintf(f, "; %" PRIu64, ring->next);
	CHECK(fclose(f) == 0);
	return buf;
}

/* The lines that are in the ring. */
static const char *
lines(void)
{
	static char buf[65536];
	uint64_t pos;
	size_t n = 0;

	for (pos = ring->base; pos < ring->head; pos++)
		buf[n++] = ring->bytes[pos % ring->size];
	buf[n] = '\0';
	return buf;
}

static void
there_and_back(void)
{
	struct node *b;

	begin();
	open_room(true);
	check_file(FIRST, "\001at 1000\n\001log 0 0 " HASH0 " 0\n"
	    "\001room 1000 0\n");
	enter_first(5);
	CHECK(commit());
	b = enter("b", 1, 1);
	say_in(claim("x", b, 7), "one\n");
	(void)claim("alice:y", b, 8);
	part(claim("z", b, 9));
	CHECK(commit());
	b = enter("b", 1, 2);
	b->down = true;
	CHECK(commit() && commit());
	check_file(FIRST, "\001at 1000\n\001log 0 0 " HASH0 " 0\n"
	    "\001room 1000 0\n"
	    "\001shared id 5 1\n\001node a 1 1 " HASH0 "\n"
	    "\001log 1 t1 " HASH0 " 50\n"
	    "\001here x 1 0 b 7\n\001at 1000\n\001time 50\n\001by 1\none\n"
	    "\001here alice:y 2 0 b 8\n\001here z 3 0 b 9\n\001part 3\n"
	    "\001node b 1 1 " HASH0 "\n\001log 2 t2 b5839d5b4d664e40 50\n"
	    "\001node b 1 2 b5839d5b4d664e40\n\001down b 1\n"
	    "\001log 3 t3 b5839d5b4d664e40 50\n");
	close_room();
	open_room(true);
	CHECK_STR(describe(), "id 5 1, 3 t3 b5839d5b4d664e40 50, a 1 1 " HASH0
	    ", b 1 2 b5839d5b4d664e40 down; z 3 0; x 1 1 here b 7; "
	    "alice:y 2 0 here b 8; 1001");
	CHECK_STR(lines(), "one\n");
	CHECK(sessions.max == 5 && authors == 3);
	/* A segment repeats it all. */
	CHECK(journal_rotate(&journal, ring, &sessions, authors) == 0);
	check_file(1001, "\001at 1001\n\001shared id 5 1\n\001node a 1 1 " HASH0
	    "\n\001node b 1 2 b5839d5b4d664e40\n\001down b 1\n"
	    "\001log 3 t3 b5839d5b4d664e40 50\n\001session z 3 0\n"
	    "\001here x 1 1 b 7\n\001here alice:y 2 0 b 8\n\001room 1000 3\n");
	close_room();
	end();
}

/* A position alone is written, and needs no sync, nor is written twice. */
static void
positions(void)
{
	off_t size;

	begin();
	open_room(true);
	enter_first(5);
	CHECK(commit());
	size = file_size(FIRST);
	replica.news = ++replica.pos;
	CHECK(commit());
	CHECK(file_size(FIRST) == size + (off_t)strlen("\001log 2 t1 " HASH0
	    " 50\n"));
	size = file_size(FIRST);
	CHECK(commit() && file_size(FIRST) == size);
	close_room();
	end();
}

static void
safe_positions(void)
{
	begin();
	open_room(true);
	CHECK(journal.kept == 0 && journal.unsynced == 0);
	enter_first(5);
	say(1, "one\n");
	CHECK(commit() && journal.kept == 0);
	CHECK(journal.unsynced == (uint64_t)file_size(FIRST) -
	    store_newest(&journal.store)->head);
	/* What isn't written isn't safe. */
	(void)enter("a", 1, 2);
	CHECK(journal_sync(&journal) == 0 && journal.unsynced == 0);
	CHECK(journal.kept == 1);
	CHECK_STR(journal.kept_token, "t1");
	config.segment_size = journal.store.config.segment_size = 10;
	CHECK(commit() && journal.store.n == 2);
	CHECK(journal.kept == 2 && journal.unsynced == 0);
	CHECK_STR(journal.kept_token, "t2");
	close_room();
	/* With -S, who loads it has synced it, and so has who says a line. */
	open_room(true);
	CHECK(journal.kept == 0 && journal.unsynced > 0);
	CHECK(journal.logged == 2);
	close_room();
	config.sync = true;
	config.segment_size = UINT64_MAX;
	open_room(true);
	CHECK(journal.kept == 2 && journal.unsynced == 0);
	(void)enter("a", 1, 3);
	CHECK(commit() && journal.kept == 2 && journal.unsynced > 0);
	(void)enter("a", 1, 4);
	say(1, "two\n");
	CHECK(commit() && journal.kept == 4 && journal.unsynced == 0);
	CHECK_STR(journal.kept_token, "t4");
	close_room();
	end();
}

/* Let files grow by that many bytes only. */
static void
limit(off_t more)
{
	struct rlimit most;

	CHECK(getrlimit(RLIMIT_FSIZE, &most) == 0);
	most.rlim_cur = more == -1 ? most.rlim_max : (rlim_t)(more +
	    file_size(store_newest(&journal.store)->first));
	CHECK(setrlimit(RLIMIT_FSIZE, &most) == 0);
}

/* What was written in vain is written again, with what has come since, and
 * nothing is left of it. */
static void
failed_writes(void)
{
	struct node *a, *b;

	begin();
	open_room(true);
	enter_first(5);
	CHECK(commit());
	b = enter("longer", 1, 1);
	b->down = true;
	a = enter("a", 1, 2);
	a->down = true;
	replica.news = replica.pos = 1000000;
	limit(110);
	CHECK(!commit() && a->unwritten && b->unwritten);
	CHECK(file_size(FIRST) ==
	    (off_t)store_newest(&journal.store)->size + 110);
	limit(-1);
	/* A shorter one. */
	replica.news = replica.pos = 3;
	TAILQ_REMOVE(&replica.nodes, b, entry);
	free(b);
	replica.n--;
	a = enter("a", 2, 1);
	CHECK(commit() && !a->unwritten);
	CHECK(file_size(FIRST) == (off_t)store_newest(&journal.store)->size);
	close_room();
	open_room(true);
	CHECK_STR(describe(), "id 5 1, 4 t4 " HASH0 " 50, a 2 1 " HASH0
	    "; 1000");
	close_room();
	end();
}

static const char whole[] =
    "\001at 1000\n\001shared id 5 1\n\001node a 1 1 " HASH0 "\n"
    "\001log 1 t1 " HASH0 " 50\n\001here x 1 0 a 7\n\001here w 4 0\n"
    "\001room 1000 4\n"
    "\001at 1000\n\001time 50\n\001by 1\none\n\001log 2 t2 " HASH0 " 50\n";
static const char loaded[] = "id 5 1, 2 t2 " HASH0 " 50, a 1 1 " HASH0
    "; w 4 0; x 1 1 here a 7; 1001";

/* Whole lines and records after the last position, and sessions with them, are
 * taken back. */
static void
taken_back(void)
{
	static const char *const ends[] = {
		"", "two\n", "\001node a 1 2 " HASH0 "\n", "two\n\xff", "half",
		"\0011\n", "\001here y 2 0 a 8\n\001part 1\n\001part 2\n",
		"\001log 3 t3 " HASH0 " 5",
		"\001shared other 1 0\n\001down a 1\n\001by 2\nt\n\001log 3"
	};
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		begin();
		write_file(FIRST, whole, 0);
		write_file(FIRST, ends[i], O_APPEND);
		open_room(true);
		CHECK_STR(describe(), loaded);
		CHECK_STR(lines(), "one\n");
		check_file(FIRST, whole);
		CHECK(authors == 4);
		close_room();
		end();
	}
	/* After a head, too. */
	begin();
	open_room(true);
	close_room();
	write_file(FIRST, "\001at 1000\n\001time 1\n\001by 1\nx\n", O_APPEND);
	open_room(true);
	CHECK(ring->next == FIRST && authors == 0);
	close_room();
	end();
}

/* A head that is torn never counted. */
static void
torn_heads(void)
{
	begin();
	write_file(FIRST, whole, 0);
	write_file(1001, "\001at 1001\n\001shared id 1 0\n\001node b 1 1 " HASH0
	    "\n\001log 2 t2 " HASH0 " 50\n\001session w", 0);
	open_room(true);
	CHECK_STR(describe(), loaded);
	CHECK(journal.store.n == 1);
	close_room();
	end();
}

/* Write whole, and 21 lines and a position after a hole of zeros. */
static void
write_hole(void)
{
	static const char zeros[512];
	int fd;

	write_file(FIRST, whole, O_TRUNC);
	write_file(FIRST, "two\n", O_APPEND);
	fd = open_file(FIRST, O_WRONLY);
	CHECK(pwrite(fd, zeros, 512, 512) == 512 && close(fd) == 0);
	write_file(FIRST, "rest\n\001time 51\nthree\n\001log 9 t9 " HASH0
	    " 51\n", O_APPEND);
}

static void
holes(void)
{
	begin();
	write_hole();
	open_room(true);
	CHECK_STR(describe(), loaded);
	check_file(FIRST, whole);
	close_room();
	end();
}

#define DAMAGED	"damaged; use -f to start without what is lost"
#define UNSURE	"the newest segment is damaged; copy another node's store"

/* What the log has again is mended; a head isn't. */
static void
damage(void)
{
	begin();
	write_file(FIRST, whole, 0);
	write_file(FIRST, "two\n\001what\nthree\n\001log 3 t3 " HASH0
	    " 50\n", O_APPEND);
	check_refused(DAMAGED);
	CHECK(file_size(FIRST) > (off_t)strlen(whole));
	config.go_on = true;
	open_room(true);
	CHECK_STR(describe(), loaded);
	check_file(FIRST, whole);
	close_room();
	/* A segment before that is replaced by the head of the next one. */
	write_file(FIRST, "\001what\n\001at 1001\n\001time 50\n\001by 2\nx\n",
	    O_APPEND);
	write_file(1002, "\001at 1002\n\001node b 1 1 " HASH0 "\n"
	    "\001log 2 t2 " HASH0 " 50\n\001here x 1 1 b 7\n"
	    "\001room 1000 4\n", 0);
	open_room(true);
	CHECK_STR(describe(), " untold 0, 2 t2 " HASH0 " 50, b 1 1 " HASH0
	    "; x 1 1 here b 7; 1002");
	close_room();
	write_file(1002, "\001at 1002\n\001what\n\001log 2 t2 " HASH0 " 50\n"
	    "\001room 1000 4\n\001at 1002\n", O_TRUNC);
	check_refused(UNSURE);
	write_file(1002, "\001at 1002\n\001log 2 t2 " HASH0 " 50\n"
	    "\001room 1000 4\n\001at 1001\n\001log 3 t3 " HASH0 " 50\n",
	    O_TRUNC);
	check_refused(UNSURE);
	end();
}

/* A store that was of no log is at position 0, and nothing of it is cut. */
static void
comes_to_a_log(void)
{
	begin();
	write_file(FIRST, "\001at 1000\n\001here x 1 0\n\001room 1000 1\n"
	    "\001at 1000\n\001time 50\n\001by 1\none\n", 0);
	open_room(true);
	CHECK_STR(describe(), " untold 0, 0 0 " HASH0 " 0; x 1 1; 1001");
	CHECK_STR(lines(), "one\n");
	check_file(1001, "\001at 1001\n\001log 0 0 " HASH0 " 0\n"
	    "\001session x 1 1\n\001room 1000 1\n");
	/* A batch of which only a part was written. */
	close_room();
	write_file(1001, "\001at 1001\n\001time 50\n\001by 2\ntwo\n", O_APPEND);
	open_room(true);
	CHECK(ring->next == 1001 && authors == 1);
	CHECK_STR(lines(), "one\n");
	close_room();
	end();
}

/* While the first entry is applied, a segment begins. If that is all that gets
 * to the disk, the entry still counts. */
static void
first_entry(void)
{
	struct node *a;

	begin();
	open_room(true);
	enter_first(5);
	replica.pos = 0;
	(void)strlcpy(replica.token, "0", sizeof(replica.token));
	replica.time = 0;
	CHECK(journal_rotate(&journal, ring, &sessions, authors) == 0);
	check_file(FIRST, "\001at 1000\n\001log 0 0 " HASH0 " 0\n"
	    "\001room 1000 0\n");
	a = replica_node(&replica, "a");
	CHECK(a != NULL && a->unwritten);
	replica.news = replica.pos = 1;
	CHECK(commit() && !a->unwritten);
	check_file(FIRST, "\001at 1000\n\001log 0 0 " HASH0 " 0\n"
	    "\001room 1000 0\n\001shared id 5 1\n\001node a 1 1 " HASH0 "\n"
	    "\001log 1 0 " HASH0 " 0\n");
	close_room();
	end();
}

/* How many sessions are kept is the log's affair, whatever -r a node has. */
static void
keeps_as_told(void)
{
	static const size_t own[] = { 0, 1, 100, 4 };
	char words[MEMORY];
	struct node *a;
	size_t i;

	begin();
	own_sessions = 1;
	open_room(true);
	/* The first batch has more than one entry. */
	enter_first(3);
	a = enter("a", 1, 2);
	part(claim("v", a, 1));
	part(claim("w", a, 2));
	part(claim("x", a, 3));
	part(claim("y", a, 4));
	say_in(claim("v", a, 5), "one\n");
	CHECK(commit());
	(void)strlcpy(words, describe(), sizeof(words));
	check_file(FIRST, "\001at 1000\n\001log 0 0 " HASH0 " 0\n"
	    "\001room 1000 0\n\001shared id 3 1\n"
	    "\001here v 1 0 a 1\n\001part 1\n\001here w 2 0 a 2\n\001part 2\n"
	    "\001here x 3 0 a 3\n\001part 3\n\001here y 4 0 a 4\n\001part 4\n"
	    "\001here v 5 0 a 5\n\001at 1000\n\001time 50\n\001by 5\none\n"
	    "\001node a 1 2 " HASH0 "\n\001log 2 t2 b5839d5b4d664e40 50\n");
	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		close_room();
		own_sessions = own[i];
		open_room(true);
		CHECK_STR(describe(), words);
		CHECK(sessions.max == 3);
	}
	close_room();
	own_sessions = 100;
	end();
}

/* What a store has said before it came to a log counts until that says how many
 * are kept, even if it says so behind the head. */
static void
keeps_until_told(void)
{
	begin();
	own_sessions = 1;
	write_file(FIRST, "\001at 1000\n\001session x 1 0\n"
	    "\001session y 2 0\n\001session z 3 0\n\001room 1000 3\n", 0);
	open_room(true);
	CHECK_STR(describe(), " untold 0, 0 0 " HASH0 " 0; x 1 0; y 2 0; "
	    "z 3 0; 1000");
	close_room();
	open_room(true);
	CHECK(sessions.n == 3);
	close_room();
	write_file(FIRST, "\001shared id 2 1\n\001log 1 t1 " HASH0 " 50\n",
	    O_APPEND);
	open_room(true);
	CHECK_STR(describe(), "id 2 1, 1 t1 " HASH0 " 50; y 2 0; z 3 0; 1000");
	close_room();
	own_sessions = 100;
	end();
}

/* That somebody has left is as much a part of an entry as anything else. */
static void
full_of_parts(void)
{
	struct session *s;
	struct node *a;
	int i;

	begin();
	open_room(true);
	enter_first(5);
	a = enter("a", 1, 2);
	s = claim("x", a, 1);
	limit(0);
	CHECK(!commit());
	limit(-1);
	for (i = 1; i < JOURNAL_PENDING_MAX; i++)
		CHECK(journal_part(&journal, ring, s) == 0);
	errno = 0;
	CHECK(journal_part(&journal, ring, s) == -1 && errno == ENOMEM);
	CHECK(commit());
	CHECK(journal_part(&journal, ring, s) == 0);
	close_room();
	end();
}

/* Without -L, nothing is cut, and sessions are held, as in any other store. */
static void
leaves_its_log(void)
{
	begin();
	write_file(FIRST, whole, 0);
	write_file(FIRST, "two\n", O_APPEND);
	open_room(false);
	CHECK_STR(lines(), "one\ntwo\n");
	CHECK(sessions.nheld == 2 && sessions.max == 100);
	CHECK(RB_EMPTY(&sessions.owners));
	check_file(1002, "\001at 1002\n\001here w 4 0\n\001here x 1 2\n"
	    "\001room 1000 4\n");
	say(4, "three\n");
	CHECK(commit());
	close_room();
	/* It has left: no other segment begins. */
	open_room(false);
	CHECK(journal.store.n == 2);
	close_room();
	open_room(true);
	CHECK_STR(describe(), " untold 0, 0 0 " HASH0 " 0; x 1 2; w 4 1; 1003");
	CHECK_STR(lines(), "one\ntwo\nthree\n");
	CHECK(journal.store.n == 3);
	close_room();
	/* There is no line in the newest segment: that is replaced. */
	open_room(false);
	CHECK(journal.store.n == 3);
	check_file(1003, "\001at 1003\n\001session x 1 2\n"
	    "\001session w 4 1\n\001room 1000 4\n");
	close_room();
	end();
}

/* Two sessions can't have one owner, whatever a store says. */
static void
two_owners(void)
{
	begin();
	write_file(FIRST, "\001at 1000\n\001log 1 t1 " HASH0 " 50\n"
	    "\001here x 1 0 a 7\n\001room 1000 2\n\001here y 2 0 a 7\n"
	    "\001log 2 t2 " HASH0 " 50\n", 0);
	open_room(true);
	CHECK_STR(describe(), " untold 0, 2 t2 " HASH0 " 50, a 0 0 " HASH0
	    "; x 1 0; y 2 0 here a 7; 1000");
	close_room();
	end();
}

/* What the room was at the end of each commit. */
static struct past {
	uint64_t	 first;		/* the newest segment */
	uint64_t	 size;		/* of that */
	char		 words[MEMORY];
	uint64_t	 hash;		/* of all lines */
} past[LIVES * (STEPS + 1)];
static size_t npast;

static void
remember(void)
{
	struct past *p = &past[npast++];
	struct replica r;

	replica_init(&r);
	replica_hash(&r, lines(), strlen(lines()));
	p->first = store_newest(&journal.store)->first;
	p->size = store_newest(&journal.store)->size;
	(void)strlcpy(p->words, describe(), sizeof(p->words));
	p->hash = r.hash;
}

/* The sessions that a node's connections have are idle. */
static void
leave_all(const struct node *node)
{
	struct session *s;

	while ((s = owner_any(&sessions.owners, node)) != NULL)
		part(s);
}

static void
connection(const struct node *node)
{
	uint64_t conn = node->epoch * CONNS + unit_random(CONNS);
	struct session *s = owner_session(&sessions.owners, node, conn);
	char token[8];

	if (s == NULL) {
		(void)snprintf(token, sizeof(token), "t%u",
		    (unsigned)unit_random(TOKENS));
		say_in(claim(token, node, conn), "first\n");
	} else if (unit_random(3) == 0) {
		part(s);
	} else if (unit_random(3) == 0) {
		CHECK(journal_refused(&journal, ring, s, 2) == 0);
		s->lines += 2;
		session_use(&sessions, s);
	} else {
		say_in(s, "more\n");
	}
}

static void
random_entry(void)
{
	static const char *const names[] = { "a", "b", "c" };
	struct node *node = replica_add(&replica, names[unit_random(3)]);

	CHECK(node != NULL);
	replica.time += unit_random(2);
	if (node->epoch == 0 || node->down || unit_random(8) == 0) {
		leave_all(node);
		(void)enter(node->name, node->epoch + 1, 1);
	} else {
		(void)enter(node->name, node->epoch, node->seq + 1);
	}
	if (unit_random(8) == 0) {
		leave_all(node);
		node->down = true;
	} else if (unit_random(4) == 0) {
		say(++authors, "bare\n");
	} else if (unit_random(4) != 0) {
		connection(node);
	}
}

/* Some entries, of which a write that fails may be the end. */
static void
step(void)
{
	size_t n;

	for (n = unit_random(3); n > 0; n--)
		random_entry();
	if (unit_random(4) == 0) {
		limit((off_t)unit_random(60));
		if (!commit())
			random_entry();
		limit(-1);
	}
	CHECK(commit());
	remember();
}

/* Cut the newest segment somewhere, and find what has to be left. */
static const struct past *
cut(void)
{
	const struct segment *newest = store_newest(&journal.store);
	uint64_t from = journal.store.n == 1 ? newest->head : 0;
	uint64_t n = from + unit_random((uint32_t)(newest->size - from + 1));
	const struct past *p = &past[npast - 1];
	int fd = open_file(newest->first, O_WRONLY);

	CHECK(ftruncate(fd, (off_t)n) == 0 && close(fd) == 0);
	if (n < newest->head)
		n = newest->head;
	while (p->first == newest->first && p->size > n)
		CHECK(p-- > past);
	return p;
}

static void
lives(void)
{
	const struct past *p;
	int life, i;

	begin();
	config.segment_size = 2500;
	open_room(true);
	enter_first(SESSIONS);
	CHECK(commit());
	remember();
	for (life = 1; life < LIVES; life++) {
		for (i = 0; i < STEPS; i++)
			step();
		p = cut();
		close_room();
		open_room(true);
		CHECK_STR(describe(), p->words);
		remember();
		CHECK_IN(past[npast - 1].hash == p->hash, "life %d", life);
	}
	CHECK(journal.store.n > 3);
	close_room();
	end();
}

const struct test replicastore_tests[] = {
	{ "what a replica knows, there and back", there_and_back },
	{ "a position is written, even alone", positions },
	{ "which position is safe", safe_positions },
	{ "a write that failed leaves nothing", failed_writes },
	{ "what follows the last position is taken back", taken_back },
	{ "a torn head is taken back", torn_heads },
	{ "a hole is cut back to a position", holes },
	{ "damage is cut back to a position, or refused", damage },
	{ "a store comes to a log", comes_to_a_log },
	{ "a segment begins with the first entry", first_entry },
	{ "as many sessions as the log says", keeps_as_told },
	{ "all sessions until the log says", keeps_until_told },
	{ "no space for who has left is an error", full_of_parts },
	{ "a store leaves its log", leaves_its_log },
	{ "no connection has two sessions", two_owners },
	{ "cut anywhere, it is as it was at a position", lives },
	{ NULL, NULL }
};
