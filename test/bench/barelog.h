/*
 * A bare log: the least that a client of etcd has to do for one
 *
 * It puts on a key, one put at a time, and watches that key. It looks at no
 * value, keeps nothing and ends the program if anything goes wrong. Members are
 * ports of 127.0.0.1.
 */
#ifndef BARELOG_H
#define BARELOG_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "etcd/events.h"
#include "etcd/grpc.h"

/* A watch of a key. */
struct watcher {
	struct grpc	*grpc;
	struct grpc_call *call;
	struct events	 events;
	uint64_t	 puts;		/* how many have come */
	uint64_t	 version;	/* of the last one */
};

enum {
	BARELOG_WRITER,			/* who puts also watches */
	BARELOG_READER,			/* only watches, at another member */
	BARELOG_WATCHERS
};

struct barelog {
	struct watcher	 watcher[BARELOG_WATCHERS];
	char		 key[64];
	struct kv_response response;	/* the last answer to a put or read */
	uint64_t	 puts;		/* how many were answered */
};

/* Watch a key that nobody has had yet, on either member. */
void	 barelog_init(struct barelog *b, uint16_t writer, uint16_t reader);
void	 barelog_free(struct barelog *b);

/* Put len bytes, and wait until the writer has seen them. Returns when the
 * reader had, by clock_ns(), or 0 if it hasn't yet. */
uint64_t barelog_put(struct barelog *b, const char *data, size_t len);

/* Wait until the reader has seen all that was put. Returns when it had. */
uint64_t barelog_catch_up(struct barelog *b);

/* Watch a key of others from its beginning on, until its end as it is now.
 * Returns how many ns that has taken. */
uint64_t barelog_read(uint16_t port, const char *key);

#endif
