/*
 * How long a line takes to the readers of a busy room
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crowd.h"
#include "parts.h"
#include "proc.h"

enum {
	SLICES	= 3,
	READERS	= 1000,
	RATE	= 100,	/* lines a second */
	LINES	= 100	/* in a slice */
};

/* How far each reader is, and what it took the lines to get there. */
struct watch {
	uint64_t	 said[LINES];		/* when each was */
	uint64_t	 heard[READERS];	/* bytes */
	uint64_t	 took[LINES * READERS];	/* ns, as they arrive */
	size_t		 n;
};

static void
reader_hear(struct crowd *c, struct watch *w, size_t i)
{
	uint64_t line = w->heard[i] / LINE_BYTES, now;

	w->heard[i] += crowd_hear(c, i);
	now = clock_ns();
	if (w->heard[i] > LINES * LINE_BYTES)
		errx(2, "more arrived than was said");
	for (; line < w->heard[i] / LINE_BYTES; line++)
		w->took[w->n++] = now - w->said[line];
}

/* Hear what comes until it is time for the next line. */
static void
hear_for(struct crowd *c, struct watch *w, uint64_t until)
{
	size_t i;

	while (clock_ns() < until)
		if (crowd_poll(c))
			for (i = 0; i < c->readers; i++)
				if (c->pfd[i].revents != 0)
					reader_hear(c, w, i);
}

static int
by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* What half of the lines took at most, and what 99 in a hundred did. */
static void
measure(struct crowd *c, struct watch *w, double *p50, double *p99)
{
	char line[LINE_BYTES];
	uint64_t start = clock_ns();
	size_t i;

	memset(w, 0, sizeof(*w));
	lines_fill(line, 1);
	for (i = 0; i < LINES; i++) {
		hear_for(c, w, start + i * NS / RATE);
		w->said[i] = clock_ns();
		crowd_say(c, c->readers, line, 1);
	}
	/* A room that did not keep up gets some time for the rest. */
	hear_for(c, w, clock_ns() + NS / 10);
	if (w->n != LINES * READERS)
		errx(2, "lines did not arrive");
	qsort(w->took, w->n, sizeof(w->took[0]), by_size);
	*p50 = (double)w->took[w->n / 2];
	*p99 = (double)w->took[w->n / 100 * 99];
}

void
latency(const struct room r[ROOMS])
{
	struct crowd c[ROOMS];
	struct watch *w;
	double p50[ROOMS], p99[ROOMS];
	size_t slice, i, room;

	if ((w = malloc(sizeof(*w))) == NULL)
		err(2, "malloc");
	for (i = 0; i < ROOMS; i++) {
		crowd_init(&c[i], READERS + 1, r[i].tls);
		crowd_listen(&c[i], r[i].port, READERS);
		crowd_join(&c[i], r[i].port, 1);
	}
	for (slice = 0; slice < SLICES; slice++) {
		for (i = 0; i < ROOMS; i++) {
			room = (slice + i) % ROOMS;
			measure(&c[room], w, &p50[room], &p99[room]);
		}
		printf("p50 %g %g\np99 %g %g\n", p50[0], p50[1], p99[0],
		    p99[1]);
	}
	for (i = 0; i < ROOMS; i++)
		crowd_free(&c[i]);
	free(w);
}
