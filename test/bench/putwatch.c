/*
 * putwatch - what a room over several nodes costs, beside a bare client of its
 * log
 */
#include <sys/wait.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "barelog.h"
#include "crowd.h"
#include "parts.h"
#include "proc.h"

#define USAGE	"usage: putwatch flood|line room room member member helper " \
		"helper\n" \
		"       putwatch deliver sender room pid room pid member\n" \
		"       putwatch read member key\n" \
		"       putwatch pause room room command ...\n"

enum {
	SLICES		= 4,
	BATCH		= 200,		/* lines in an entry, or a put */
	BATCHES		= 200,		/* in a slice of a flood */
	AHEAD		= 192 * 1024,	/* bytes said before all is heard: what
					   a node keeps, and some on the way */
	LINES		= 250,		/* in a slice, one at a time */
	READERS		= 100,		/* of each room, to deliver to */
	ROUNDS		= 100,		/* in a slice */
	PACE_MS		= 10,		/* from one to the next */
	BEFORE		= 50,		/* lines before the command */
	AFTER_MS	= 5000,		/* and for how long they go on */
	GIVE_UP_MS	= 30000
};

#define MS		1000000		/* ns */

/* A sender at one node, and a reader at another. */
struct nodes {
	struct crowd	 crowd;
	pid_t		 helper[BARELOG_WATCHERS];
};

static long
number(const char *s, long max)
{
	const char *errstr;
	long n;

	n = (long)strtonum(s, 1, max, &errstr);
	if (errstr != NULL)
		errx(2, "%s: number is %s", s, errstr);
	return n;
}

static uint16_t
port(const char *s)
{
	return (uint16_t)number(s, UINT16_MAX);
}

/* It sleeps, unlike crowd_hear_until(): here, others need the processor. */
static void
hear_until(struct crowd *c, uint64_t heard)
{
	size_t i;

	while (c->heard < heard) {
		if (poll(c->pfd, (nfds_t)c->size, GIVE_UP_MS) < 1)
			errx(2, "lines did not arrive");
		for (i = 0; i < c->size; i++)
			if (c->pfd[i].revents != 0)
				crowd_hear(c, i);
	}
}

static void
hear_all(struct crowd *c, uint64_t heard)
{
	hear_until(c, heard);
	if (c->heard != heard)
		errx(2, "more arrived than was said");
}

static void
nodes_init(struct nodes *n, uint16_t sender, uint16_t reader)
{
	crowd_init(&n->crowd, 2, NULL);
	crowd_listen(&n->crowd, reader, 1);
	crowd_join(&n->crowd, sender, 1);
}

static void
wait_until(uint64_t when)
{
	uint64_t now = clock_ns();

	if (now < when)
		usleep((useconds_t)((when - now) / 1000));
}

/* Floods: lines in a second */

/* The sender comes after the readers. */
static double
flood_crowd(struct crowd *c)
{
	static char lines[BATCH * LINE_BYTES];
	uint64_t start = clock_ns(), all = c->heard;
	size_t i;

	lines_fill(lines, BATCH);
	for (i = 0; i < BATCHES; i++) {
		crowd_say(c, c->readers, lines, BATCH);
		all += sizeof(lines) * c->readers;
		if (all - c->heard > AHEAD * c->readers)
			hear_until(c, all - AHEAD * c->readers);
	}
	hear_all(c, all);
	return (double)BATCH * BATCHES * NS / (double)(clock_ns() - start);
}

static double
flood_nodes(struct nodes *n, double helper[BARELOG_WATCHERS])
{
	double rate;
	size_t i;

	for (i = 0; i < BARELOG_WATCHERS; i++)
		helper[i] = -(double)proc_cpu(n->helper[i]);
	rate = flood_crowd(&n->crowd);
	for (i = 0; i < BARELOG_WATCHERS; i++)
		helper[i] = (helper[i] + (double)proc_cpu(n->helper[i])) /
		    (BATCH * BATCHES);
	return rate;
}

static double
flood_bare(struct barelog *b)
{
	static char lines[BATCH * LINE_BYTES];
	uint64_t start = clock_ns();
	size_t i;

	lines_fill(lines, BATCH);
	for (i = 0; i < BATCHES; i++)
		barelog_put(b, lines, sizeof(lines));
	return (double)BATCH * BATCHES * NS /
	    (double)(barelog_catch_up(b) - start);
}

static void
compare_floods(struct nodes *n, struct barelog *b, size_t slice)
{
	double helper[BARELOG_WATCHERS], nodes, bare;

	/* Neither is always the first. */
	if (slice % 2 == 0) {
		nodes = flood_nodes(n, helper);
		bare = flood_bare(b);
	} else {
		bare = flood_bare(b);
		nodes = flood_nodes(n, helper);
	}
	printf("flood %g %g\n", nodes, bare);
	printf("helper %g %g\n", helper[BARELOG_WRITER],
	    helper[BARELOG_READER]);
}

/* Lines by themselves: how long each takes */

static int
by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
line_nodes(struct nodes *n, uint64_t took[LINES])
{
	char line[LINE_BYTES];
	uint64_t start;
	size_t i;

	lines_fill(line, 1);
	for (i = 0; i < LINES; i++) {
		start = clock_ns();
		crowd_say(&n->crowd, 1, line, 1);
		hear_all(&n->crowd, n->crowd.heard + LINE_BYTES);
		took[i] = clock_ns() - start;
		wait_until(start + PACE_MS * MS);
	}
	qsort(took, LINES, sizeof(took[0]), by_size);
}

static void
line_bare(struct barelog *b, uint64_t took[LINES])
{
	char line[LINE_BYTES];
	uint64_t start, seen;
	size_t i;

	lines_fill(line, 1);
	for (i = 0; i < LINES; i++) {
		start = clock_ns();
		seen = barelog_put(b, line, sizeof(line));
		took[i] = (seen != 0 ? seen : barelog_catch_up(b)) - start;
		wait_until(start + PACE_MS * MS);
	}
	qsort(took, LINES, sizeof(took[0]), by_size);
}

static void
compare_lines(struct nodes *n, struct barelog *b, size_t slice)
{
	uint64_t nodes[LINES], bare[LINES];

	if (slice % 2 == 0) {
		line_nodes(n, nodes);
		line_bare(b, bare);
	} else {
		line_bare(b, bare);
		line_nodes(n, nodes);
	}
	printf("p50 %g %g\n", (double)nodes[LINES / 2],
	    (double)bare[LINES / 2]);
	printf("p99 %g %g\n", (double)nodes[LINES * 99 / 100],
	    (double)bare[LINES * 99 / 100]);
}

static void
compare(void (*part)(struct nodes *, struct barelog *, size_t), char *argv[])
{
	static struct barelog b;
	struct nodes n;
	size_t slice;

	nodes_init(&n, port(argv[0]), port(argv[1]));
	barelog_init(&b, port(argv[2]), port(argv[3]));
	n.helper[BARELOG_WRITER] = (pid_t)number(argv[4], INT32_MAX);
	n.helper[BARELOG_READER] = (pid_t)number(argv[5], INT32_MAX);
	for (slice = 0; slice < SLICES; slice++)
		part(&n, &b, slice);
	barelog_free(&b);
	crowd_free(&n.crowd);
}

/* Deliveries: what they cost a room that is a node, and one that isn't */

/*
 * While a node waits for its log, others have the caches, and after that all
 * that it does takes longer. So it is to be for the other room: the rounds are
 * taken in turn, and before its own one goes into a log by itself.
 */
static void
deliver_slice(struct crowd c[ROOMS], const struct room r[ROOMS],
    struct barelog *b, size_t lines, double cpu[ROOMS])
{
	static char buf[BATCH * LINE_BYTES];
	size_t i, round;

	lines_fill(buf, lines);
	for (i = 0; i < ROOMS; i++)
		cpu[i] = -(double)proc_cpu(r[i].pid);
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < ROOMS; i++) {
			if (i != 0)
				barelog_put(b, buf, lines * LINE_BYTES);
			crowd_say(&c[i], READERS, buf, lines);
			crowd_hear_all(&c[i], c[i].heard +
			    READERS * lines * LINE_BYTES);
		}
	}
	for (i = 0; i < ROOMS; i++)
		cpu[i] = (cpu[i] + (double)proc_cpu(r[i].pid)) /
		    (double)(ROUNDS * READERS * lines);
}

/* The first room's sender is at the same node as the readers, or another. */
static void
deliver(uint16_t sender, char *argv[])
{
	static struct barelog b;
	struct crowd c[ROOMS];
	struct room r[ROOMS];
	double cpu[ROOMS], rate[ROOMS];
	size_t i;

	for (i = 0; i < ROOMS; i++) {
		r[i].port = port(argv[2 * i]);
		r[i].pid = (pid_t)number(argv[2 * i + 1], INT32_MAX);
		crowd_init(&c[i], READERS + 1, NULL);
		crowd_listen(&c[i], r[i].port, READERS);
		crowd_join(&c[i], i == 0 ? sender : r[i].port, 1);
	}
	barelog_init(&b, port(argv[4]), port(argv[4]));
	for (i = 0; i < SLICES; i++) {
		deliver_slice(c, r, &b, 1, cpu);
		printf("line %g %g\n", cpu[0], cpu[1]);
		deliver_slice(c, r, &b, BATCH, cpu);
		printf("batch %g %g\n", cpu[0], cpu[1]);
		rate[0] = flood_crowd(&c[0]);
		rate[1] = flood_crowd(&c[1]);
		printf("flood %g %g\n", rate[0], rate[1]);
	}
	barelog_free(&b);
	for (i = 0; i < ROOMS; i++)
		crowd_free(&c[i]);
}

/* What ends, and what that costs */

static pid_t
run(char *argv[])
{
	pid_t pid = fork();

	if (pid == -1)
		err(2, "fork");
	if (pid == 0) {
		execvp(argv[0], argv);
		err(2, "%s", argv[0]);
	}
	return pid;
}

/* Say a line and wait for it, again and again, before and after a command runs.
 * Returns how many ns the slowest has taken. */
static uint64_t
longest(struct nodes *n, char *argv[])
{
	uint64_t start, end = UINT64_MAX, max = 0, took;
	char text[LINE_BYTES];
	pid_t pid = -1;
	size_t i;

	lines_fill(text, 1);
	for (i = 0; (start = clock_ns()) < end; i++) {
		if (i == BEFORE) {
			pid = run(argv);
			end = start + (uint64_t)AFTER_MS * MS;
		}
		crowd_say(&n->crowd, 1, text, 1);
		hear_all(&n->crowd, n->crowd.heard + LINE_BYTES);
		took = clock_ns() - start;
		max = took > max ? took : max;
		wait_until(start + PACE_MS * MS);
	}
	if (waitpid(pid, NULL, 0) == -1)
		err(2, "%s", argv[0]);
	return max;
}

static void
print_pause(char *argv[])
{
	struct nodes n;

	nodes_init(&n, port(argv[0]), port(argv[1]));
	printf("%llu\n", (unsigned long long)longest(&n, argv + 2));
	crowd_free(&n.crowd);
}

int
main(int argc, char *argv[])
{
	if (argc == 8 && strcmp(argv[1], "flood") == 0)
		compare(compare_floods, argv + 2);
	else if (argc == 8 && strcmp(argv[1], "line") == 0)
		compare(compare_lines, argv + 2);
	else if (argc == 4 && strcmp(argv[1], "read") == 0)
		printf("%llu\n", (unsigned long long)barelog_read(
		    port(argv[2]), argv[3]));
	else if (argc == 8 && strcmp(argv[1], "deliver") == 0)
		deliver(port(argv[2]), argv + 3);
	else if (argc >= 5 && strcmp(argv[1], "pause") == 0)
		print_pause(argv + 2);
	else {
		fputs(USAGE, stderr);
		return 2;
	}
	return 0;
}
