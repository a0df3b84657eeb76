/*
 * Runs: good lines of a client that lie together, to be appended at once
 *
 * In a room that names its speakers each line grows by a prefix on its way into
 * the room, "NAME: ", so a run needs more space there than it has bytes.
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
	size_t		 len;
	size_t		 lines;
	size_t		 prefixlen;	/* what each grows by: batch_prefix() */
	uint64_t	 before;	/* lines that the client had before */
};

/* How long the prefix of the client's lines is; 0 if they get none. */
size_t	 batch_prefix(const struct server *s, const struct client *c);

/* Whether the run and one line more, whatever it is, are sure to be taken. */
bool	 batch_has_space(const struct server *s, const struct batch *batch);

/* How many bytes more, whatever lines they are. Only after batch_has_space(). */
size_t	 batch_space(const struct server *s, const struct batch *batch);

/* Put the run into the room; then it is empty. There is space for it. */
void	 batch_append(struct server *s, struct client *c, struct batch *batch);

/*
 * The client has had that many lines: see to it that the store, which counts a
 * session's messages itself, comes to the same. Returns false if there isn't
 * enough memory.
 */
bool	 batch_count(struct server *s, const struct client *c, uint64_t lines);

#endif
