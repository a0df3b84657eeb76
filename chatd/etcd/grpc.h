/*
 * Grpc: calls to a member of etcd, over one HTTP/2 connection
 *
 * A call sends one message. It either takes one message as its answer, or a
 * stream of them, in pieces. What goes wrong with the connection ends it; the
 * calls on it end unanswered, and nothing of theirs is called any more.
 */
#ifndef GRPC_H
#define GRPC_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "call.h"

#define GRPC_WINDOW	(512 * 1024)	/* most bytes of a stream that were
					   not released */

struct grpc;
struct ssl_ctx_st;

/*
 * Take a connected socket to host, as wire_open() does. Returns NULL if memory
 * is short; the socket is closed then.
 */
struct grpc	*grpc_new(int fd, struct ssl_ctx_st *context, const char *host);
void		 grpc_free(struct grpc *g);

/*
 * Begin a call of that path, with message m, which is freed. The reader has to
 * live as long as the call. Returns it, or NULL: then the connection has ended,
 * which grpc_why() tells. With leader, the stream ends when the member has been
 * without a leader for a while.
 */
struct grpc_call	*grpc_call(struct grpc *g, const char *path,
			    struct pb *m, bool leader,
			    const struct grpc_reader *reader, void *arg);

/* End a call, of which nothing is wanted any more. */
void	 grpc_drop(struct grpc *g, struct grpc_call *c);

/* Let the member send more of that stream: what has come of it until now has
 * found a place. */
void	 grpc_release(struct grpc *g, struct grpc_call *c);

/* Fill in pfd with what to poll for. */
void	 grpc_poll(struct grpc *g, struct pollfd *pfd);

/* Read what has come if readable, and write what is to go. Afterwards, or if
 * a call could not begin, grpc_why() tells whether the connection goes on. */
void	 grpc_ready(struct grpc *g, bool readable);

/* NULL, or why the connection has ended: text of the member may be in it. */
const char	*grpc_why(const struct grpc *g);

/* When something has come last, by clock_now(). */
int64_t	 grpc_heard(const struct grpc *g);

#endif
