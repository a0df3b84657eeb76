/*
 * What a client costs that only sits there
 */
#include <stdio.h>

#include "crowd.h"
#include "parts.h"
#include "proc.h"

enum {
	FIRST	= 500	/* they pay for what the server needs but once */
};

/* Bytes of the server's memory for one client. */
static double
measure(const struct room *r, size_t clients)
{
	struct crowd c;
	double before, after;

	crowd_init(&c, FIRST + clients, r->tls);
	crowd_listen(&c, r->port, FIRST);
	before = proc_memory(r->pid);
	crowd_listen(&c, r->port, clients);
	after = proc_memory(r->pid);
	crowd_free(&c);
	return (after - before) / (double)clients;
}

void
idle(const struct room r[ROOMS], size_t clients)
{
	double bytes[ROOMS];
	size_t i;

	for (i = 0; i < ROOMS; i++)
		bytes[i] = measure(&r[i], clients);
	printf("idle %g %g\n", bytes[0], bytes[1]);
}
