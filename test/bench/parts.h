/*
 * The parts of the benchmark that drive rooms, one file each
 *
 * Each takes two rooms and prints lines of a name and a figure for either,
 * taken right after each other: a machine that is slow for a while is slow
 * for both.
 */
#ifndef PARTS_H
#define PARTS_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#define NS	1000000000	/* of a second */

enum {
	ROOMS	= 2
};

struct tls_context;

/* A room under test: the server's port and process. */
struct room {
	uint16_t	 port;
	pid_t		 pid;
	struct tls_context *tls;	/* NULL: it has no keys */
	struct tls_context *wrong;	/* with a key that it refuses */
};

void	 churn(const struct room[ROOMS]);
void	 fanout(const struct room[ROOMS], size_t, size_t);
void	 idle(const struct room[ROOMS], size_t);
void	 handshake(const struct room[ROOMS]);
void	 latency(const struct room[ROOMS]);

#endif
