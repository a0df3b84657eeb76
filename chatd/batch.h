/*
 * Batches: good lines of a client that lie together, to be appended at once
 *
 * In a room that names its speakers, every line grows by a prefix, "NAME: ", on
 * its way into the ring, so a batch needs more space there than it has bytes.
 */
#ifndef BATCH_H
#define BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct server;

struct batch {
	char		*start;		/* of the lines, with their LFs */
	size_t		 len;		/* bytes */
	size_t		 lines;
	size_t		 prefixlen;	/* added to each: batch_prefix() */
	uint64_t	 before;	/* lines that the client had before */
};

/* How long the prefix of a client's lines is, in bytes; 0 without one. */
size_t	 batch_prefix(const struct server *s, const struct client *c);

/* How many bytes of lines the ring takes now; where a log is shared, its
 * outbox. */
size_t	 batch_space_left(const struct server *s);

/* Whether the ring is sure to take the batch and any one line more. */
bool	 batch_has_space(const struct server *s, const struct batch *batch);

/* How many bytes of lines more it is sure to take, if batch_has_space(). */
size_t	 batch_space(const struct server *s, const struct batch *batch);

/* Append the batch, which there is space for, to the ring, and empty it. */
void	 batch_append(struct server *s, struct client *c, struct batch *batch);

/*
 * The client has had that many lines. The store counts the messages of a
 * session by itself: note the refused ones, so that both come to the same
 * number. Returns false if memory is short.
 */
bool	 batch_count(struct server *s, struct client *c, uint64_t lines);

#endif
