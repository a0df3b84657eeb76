/*
 * What it costs to hand lines to many
 */
#include <stdio.h>

#include "crowd.h"
#include "parts.h"
#include "proc.h"

enum {
	SLICES	= 8,
	BATCH	= 100
};

/*
 * A slice is a number of deliveries, not a time: both rooms do the same work.
 * Each way's takes some 50 to 100 ms; a tenth of it before warms up.
 */
#define WARM_UP	10

/*
 * How senders talk. The bound on what is under way keeps a flood from
 * measuring how much memory the kernel lends to sockets.
 */
static const struct way {
	const char	*name;
	size_t		 lines;		/* by each sender in one write */
	size_t		 ahead;		/* bytes said before all is heard */
	uint64_t	 deliveries;	/* in a slice */
} ways[] = {
	{ "line",	1,	0,		10 * 1000 },
	{ "batch",	BATCH,	0,		1000 * 1000 },
	{ "flood",	BATCH,	256 * 1024,	5 * 1000 * 1000 }
};

/* For each line that arrived at a client. */
struct cost {
	double		 rate;		/* such lines in a second */
	double		 cpu;		/* ns of the server's time */
	double		 read;		/* bytes that came with one read */
};

/*
 * All senders talk, again and again, until that many lines or the few more
 * that end a round have arrived. Returns how many.
 */
static uint64_t
talk(struct crowd *c, const struct way *w, uint64_t deliveries)
{
	static char lines[BATCH * LINE_BYTES];
	uint64_t start = c->heard, all = start;
	size_t senders = c->size - c->readers, others = c->size - 1, i;

	lines_fill(lines, BATCH);
	do {
		for (i = c->readers; i < c->size; i++)
			crowd_say(c, i, lines, w->lines);
		all += senders * w->lines * LINE_BYTES * others;
		if (all - start > w->ahead * others)
			crowd_hear_until(c, all - w->ahead * others);
	} while (all - start < deliveries * LINE_BYTES);
	crowd_hear_all(c, all);
	return (all - start) / LINE_BYTES;
}

static struct cost
measure(struct crowd *c, pid_t server, const struct way *w)
{
	uint64_t time, cpu, reads;
	double lines;

	talk(c, w, w->deliveries / WARM_UP);
	time = clock_ns();
	cpu = proc_cpu(server);
	reads = c->reads;
	lines = (double)talk(c, w, w->deliveries);
	time = clock_ns() - time;
	cpu = proc_cpu(server) - cpu;
	reads = c->reads - reads;
	return (struct cost){
		.rate = lines * NS / (double)time,
		.cpu = (double)cpu / lines,
		.read = lines * LINE_BYTES / (double)reads
	};
}

static void
compare(struct crowd c[ROOMS], const struct room r[ROOMS], const struct way *w)
{
	struct cost cost[ROOMS];
	size_t slice, i, room;

	for (slice = 0; slice < SLICES; slice++) {
		for (i = 0; i < ROOMS; i++) {
			/* Neither is always the first. */
			room = (slice + i) % ROOMS;
			cost[room] = measure(&c[room], r[room].pid, w);
		}
		printf("%s.rate %g %g\n", w->name, cost[0].rate, cost[1].rate);
		printf("%s.cpu %g %g\n", w->name, cost[0].cpu, cost[1].cpu);
		printf("%s.read %g %g\n", w->name, cost[0].read, cost[1].read);
	}
}

void
fanout(const struct room r[ROOMS], size_t senders, size_t readers)
{
	struct crowd c[ROOMS];
	size_t i;

	for (i = 0; i < ROOMS; i++) {
		crowd_init(&c[i], senders + readers, r[i].tls);
		crowd_listen(&c[i], r[i].port, readers);
		crowd_join(&c[i], r[i].port, senders);
	}
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		compare(c, r, &ways[i]);
	for (i = 0; i < ROOMS; i++)
		crowd_free(&c[i]);
}
