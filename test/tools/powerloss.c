/*
 * powerloss - start a room on what a disk may show after a loss of power
 *
 * usage: powerloss [-o] [-i sync] [-n states] [-p state] [-r recorder]
 *            [-s seed] recording store scratch chatd [option ...]
 *
 * The recording is recorder.so's, of rooms that had the store, one after
 * another, from its beginning on. For each of so many states (100) it takes a
 * place of the recording at random, every second time one just after a file has
 * come or gone, makes in scratch what the disk may show if
 * power is lost there (see platter.h), and starts chatd on it. It has to start
 * without -f; what a reader of everything gets has to be the room's lines from
 * some one on, which none comes before that hasn't been deleted, each once, and
 * at least up to the last one that somebody was told of; and the sessions have
 * to have the counts that fit these lines.
 *
 *	-o	not all that was told: the system has written down what there
 *		was at some earlier time, and chatd what was in the segments
 *		before the newest one
 *	-i	take no sync of this kind for one, to see what comes of it:
 *		data, file, directory or parent; more than one -i counts
 *	-p	only this state: what it is follows from the seed alone
 *	-r	record each start as well, say some lines, and lose power again
 *		somewhere in that
 *
 * Exits with 1 if a state isn't good, and says which; it stays in scratch.
 */
#include <sys/stat.h>

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "history.h"
#include "platter.h"
#include "witness.h"

#define PATH_SIZE	1024
#define AGAIN		2		/* losses of power after a start */
#define NEAR		3		/* operations after a name changes */

/* Steps to lose power before. */
struct places {
	size_t		*any;
	size_t		 n;
	size_t		*near;		/* where files come and go */
	size_t		 nnear;
};

struct test {
	struct steps	 steps;
	struct history	 history;
	struct places	 places;
	struct place	 at;
	uint64_t	 directory;	/* inode of the store */
	uint64_t	 seed;
	bool		 ordinary;
	unsigned	 ignore;
	const char	*recorder;
	char		 store[PATH_SIZE];
	char		 recording[PATH_SIZE];
	size_t		 torn;		/* states whose end was cut off */
	size_t		 again;
};

static void __attribute__((noreturn))
usage(void)
{
	(void)fprintf(stderr, "usage: powerloss [-o] [-i sync] [-n states] "
	    "[-p state]\n"
	    "           [-r recorder] [-s seed] recording store scratch\n"
	    "           chatd [option ...]\n");
	exit(2);
}

static size_t *
make_places(size_t n)
{
	size_t *places = reallocarray(NULL, n, sizeof(*places));

	if (places == NULL)
		err(2, NULL);
	return places;
}

static bool
changes_names(const struct op *op)
{
	return op->kind == OP_RENAME || op->kind == OP_UNLINK ||
	    op->kind == OP_MKDIR || op->kind == OP_TRUNCATE ||
	    (op->kind == OP_OPEN && (op->at & O_CREAT) != 0);
}

/* All places where files are about to change or to be confirmed, and the end:
 * what was said before is promised there. */
static void
find_places(struct places *p, const struct steps *s)
{
	size_t i, near = 0;

	p->any = make_places(s->n + 1);
	p->near = make_places(s->n + 1);
	p->n = p->nnear = 0;
	for (i = 0; i < s->n; i++) {
		if (s->list[i].op.kind >= OP_SAID)
			continue;
		p->any[p->n++] = i;
		if (near > 0) {
			p->near[p->nnear++] = i;
			near--;
		}
		if (changes_names(&s->list[i].op))
			near = NEAR;
	}
	p->any[p->n++] = s->n;
}

static void
free_places(struct places *p)
{
	free(p->any);
	free(p->near);
}

/* Half of them where files come and go, which is seldom. */
static size_t
choose_place(const struct places *p)
{
	if (p->nnear > 0 && random_below(2) == 0)
		return p->near[random_below(p->nnear)];
	return p->any[random_below(p->n)];
}

/* Files of the store go, then the directory: there is nothing else in it. */
static void
remove_store(const struct test *t)
{
	char command[PATH_SIZE + 16];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", t->store);
	if (system(command) != 0)
		errx(2, "%s: cannot remove it", t->store);
}

/* The number that its newest segment begins with, and the oldest one's. */
static void
find_segments(const struct platter *p, uint64_t *oldest, uint64_t *newest)
{
	uint64_t number;
	size_t i;

	*oldest = *newest = NO_LINE;
	for (i = 0; i < p->now.n; i++) {
		number = strtoull(p->now.list[i].name, NULL, 10);
		if (number > *newest)
			*newest = number;
		if (number > 0 && (*oldest == NO_LINE || number < *oldest))
			*oldest = number;
	}
}

static uint64_t
higher(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Build the state of the test's seed, and say what it owes. */
static void
build(struct test *t, struct owed *owed)
{
	size_t i, lost, written;
	struct platter p;
	uint64_t newest;

	random_seed(t->seed);
	lost = choose_place(&t->places);
	/* Sometimes never: then nothing was told. */
	written = !t->ordinary ? lost : lost == 0 || random_below(4) == 0 ? 0 :
	    (size_t)random_below(lost);
	platter_init(&p, t->directory);
	for (i = 0; i < lost; i++) {
		if (t->ordinary && i == written)
			platter_sync(&p);
		platter_do(&p, &t->steps.list[i].op, t->steps.list[i].data,
		    t->ignore);
	}
	find_segments(&p, &owed->from, &newest);
	owed->to = history_owed(&t->history, written);
	owed->step = written;
	owed->more = NO_LINE;
	if (t->ordinary && newest > t->history.first)
		owed->to = higher(owed->to, newest - 1);
	remove_store(t);
	platter_build(&p, t->store);
	platter_free(&p);
}

static bool
is_ok(const struct step *step)
{
	return step->op.kind == OP_SAID && step->op.len > 4 &&
	    memcmp(step->data, "\001ok ", 4) == 0;
}

/* The place from which on a witness knows that its lines are settled. */
static size_t
find_end(const struct steps *s)
{
	size_t i = s->n;

	while (i > 0 && !is_ok(&s->list[i - 1]))
		i--;
	return i;
}

/* What is owed in addition when power is lost at some place of a start. */
static void
owe_more(const struct test *t, struct owed *owed, const struct seen *seen,
    bool settled)
{
	owed->more = seen->last + 1;
	if (t->ordinary || !settled)
		return;
	owed->to = seen->last + WITNESS_LINES;
	/* A room that had nothing is another one. */
	if (history_line(&t->history, seen->last) == NULL)
		owed->from = owed->more;
}

/* Let power be lost while the room starts, and goes on, that the test has just
 * seen. */
static bool
lose_again(struct test *t, const struct owed *first, const struct seen *seen)
{
	struct owed owed = *first;
	uint64_t seed = t->seed;
	struct platter p;
	struct steps s;
	struct stat sb;
	struct places places;
	size_t i, lost, again;
	bool good = true;

	if (stat(t->store, &sb) == -1)
		err(2, "%s", t->store);
	steps_read(&s, t->recording);
	find_places(&places, &s);
	for (again = 1; again <= AGAIN && good; again++) {
		build(t, &owed);
		platter_load(&p, t->store);
		p.directory = sb.st_ino;
		random_seed(seed + again * 0x10001);
		lost = again == 1 ? s.n : choose_place(&places);
		for (i = 0; i < lost; i++)
			platter_do(&p, &s.list[i].op, s.list[i].data,
			    t->ignore);
		owe_more(t, &owed, seen, lost >= find_end(&s));
		remove_store(t);
		platter_build(&p, t->store);
		platter_free(&p);
		good = witness_check(&t->history, &t->at, &owed, NULL);
		t->again++;
	}
	free_places(&places);
	steps_free(&s);
	return good;
}

static bool
check_state(struct test *t, size_t i, uint64_t seed)
{
	struct seen seen;
	struct owed owed;
	bool good;

	t->seed = seed * 1000003 + i;
	build(t, &owed);
	t->at.recorder = t->recorder;
	(void)unlink(t->recording);
	good = witness_check(&t->history, &t->at, &owed, &seen);
	t->at.recorder = NULL;
	t->torn += seen.torn;
	if (good && t->recorder != NULL)
		good = lose_again(t, &owed, &seen);
	if (!good) {
		build(t, &owed);
		(void)fprintf(stderr, "powerloss: state %zu of seed %llu: "
		    "the store as it was is in %s\n", i,
		    (unsigned long long)seed, t->store);
	}
	return good;
}

static unsigned
parse_sync(const char *name)
{
	static const char *const names[] = { "data", "file", "directory",
		"parent" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0)
			return 1U << i;
	}
	usage();
}

/* Know the recording, and that it has all of the store. */
static void
open_recording(struct test *t, const char *recording, const char *store)
{
	static struct platter all;	/* the history is made of its lines */
	struct stat sb;
	size_t i;

	if (stat(store, &sb) == -1)
		err(2, "%s", store);
	t->directory = sb.st_ino;
	steps_read(&t->steps, recording);
	find_places(&t->places, &t->steps);
	platter_init(&all, t->directory);
	for (i = 0; i < t->steps.n; i++)
		platter_do(&all, &t->steps.list[i].op, t->steps.list[i].data,
		    0);
	if (!platter_equals(&all, store))
		errx(2, "%s: replaying it does not give %s", recording, store);
	history_read(&t->history, &t->steps, &all);
}

int
main(int argc, char **argv)
{
	static struct test t;		/* all that is never freed is its */
	size_t states = 100, from = 1, i;
	uint64_t seed = 1;
	bool good = true;
	int c;

	while ((c = getopt(argc, argv, "+i:n:op:r:s:")) != -1) {
		switch (c) {
		case 'i':
			t.ignore |= parse_sync(optarg);
			break;
		case 'n':
			states = strtoul(optarg, NULL, 10);
			break;
		case 'o':
			t.ordinary = true;
			break;
		case 'p':
			from = states = strtoul(optarg, NULL, 10);
			break;
		case 'r':
			t.recorder = optarg;
			break;
		case 's':
			seed = strtoull(optarg, NULL, 10);
			break;
		default:
			usage();
		}
	}
	argc -= optind;
	argv += optind;
	if (argc < 4)
		usage();
	(void)signal(SIGPIPE, SIG_IGN);
	open_recording(&t, argv[0], argv[1]);
	(void)snprintf(t.store, sizeof(t.store), "%s/state", argv[2]);
	(void)snprintf(t.recording, sizeof(t.recording), "%s/again", argv[2]);
	t.at.store = t.store;
	t.at.recording = t.recording;
	t.at.scratch = argv[2];
	t.at.chatd = argv + 3;
	for (i = from; i <= states && good; i++)
		good = check_state(&t, i, seed);
	if (good)
		(void)printf("%zu states, %zu of them with a torn end, "
		    "and %zu that came after another one\n",
		    states - from + 1, t.torn, t.again);
	free_places(&t.places);
	steps_free(&t.steps);
	return !good;
}
