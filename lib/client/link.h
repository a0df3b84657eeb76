/*
 * A link: a client's connection to a room, with a sending and a receiving half
 *
 * Lines are queued with link_say() until the room has settled them. None is
 * sent before the room has answered. What the room sends comes through the
 * functions of a link_reader, which link_ready() calls. The caller owns the
 * loop:
 *
 *	link_poll(l, reading, &pfd);
 *	poll(..., clock_timeout(link_deadline(l)));
 *	if (!link_ready(l, pfd.revents)) ... link_why(l) ...
 *
 * A link that resumes survives its connections. When one breaks, it makes
 * another in the background, sends again what the room hasn't settled, and goes
 * on reading with the line after the last one that it got. It does so once a
 * room has answered, or from the start if it is to wait for a room.
 */
#ifndef LINK_H
#define LINK_H

#include <sys/types.h>

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "ctl.h"
#include "incoming.h"

#define LINK_READ	INCOMING_READ	/* most bytes of lines at once */
#define LINK_WHY_SIZE	512
#define LINK_ANSWER_MS	10000		/* most that the first answer takes, if
					   the link doesn't resume */
#define LINK_PREFIX_SIZE 260		/* of a name's prefix with its NUL */

struct link;
struct tls_context;

struct link_reader {
	/* One or more whole lines with their LFs, each of at most MESSAGE_SIZE
	 * bytes, as the room sent them: neither checked nor safe to show. */
	void	(*lines)(void *arg, const char *lines, size_t len);
	/* A control line. n is valid until the call returns. */
	void	(*notice)(void *arg, const struct notice *n);
	/* The connection is gone, or can't be made, for a reason that is safe
	 * to show; the link tries to make another. */
	void	(*cut)(void *arg, const char *why);
	/* There is a connection again. If the room has forgotten this sender,
	 * that many lines are sent again that it may have already. */
	void	(*back)(void *arg, bool forgotten, uint64_t doubtful);
};

/*
 * A link to the room at a, which is borrowed, as tls is, the key to prove to
 * it, or NULL; a Unix-domain socket needs none. It will give the role in h.
 * Returns NULL with errno if memory is short.
 */
struct link	*link_new(const struct addr *a, struct tls_context *tls,
		    const struct hello *h, const struct link_reader *reader,
		    void *arg);

/* Disconnect and free it. */
void	 link_free(struct link *l);

/* Connect, and wait for that. Returns 0, or -1 and link_why() has the
 * reason. */
int	 link_open(struct link *l);

/*
 * The same for a link that resumes, and gives up after patience milliseconds
 * without a room, or never for CLOCK_NEVER. With wait it only begins to
 * connect, and also waits for a room that isn't there yet.
 */
int	 link_open_resuming(struct link *l, bool wait, int64_t patience);

/*
 * What to poll for, and when to call link_ready() at the latest, in
 * milliseconds of clock_now(). reading says whether the caller can take more
 * lines.
 */
void	 link_poll(struct link *l, bool reading, struct pollfd *pfd);
int64_t	 link_deadline(const struct link *l);

/*
 * Read and write as far as poll(2) has said in revents, or 0 if it said
 * nothing; lines that were just queued go out at once. Returns true as long as
 * more may come. When false, link_why() is NULL if everything was settled after
 * link_finish() and the room has ended the connection or is away.
 */
bool	 link_ready(struct link *l, short revents);

/* NULL, or why the link ended before its time: safe to show. */
const char	*link_why(const struct link *l);

/*
 * Put "name: " before every line, of at most LINK_PREFIX_SIZE - 3 bytes. To be
 * called before link_ready(). In a room that names its speakers itself, the
 * link fails if insists; otherwise the prefix is dropped, also from lines that
 * wait, and never comes back.
 */
void	 link_name(struct link *l, const char *name, bool insists);

/* How many bytes that prefix takes of every line. */
size_t	 link_prefix_size(const struct link *l);

/*
 * Queue a line without its LF, of which the caller knows as input: see
 * link_input(). Returns false if there is no space, for now.
 */
bool	 link_say(struct link *l, const char *text, size_t len,
	    uint64_t input);

/*
 * Queue n whole lines of len bytes that are right as they are, the first of
 * which is input. Only for a link without a prefix.
 */
bool	 link_say_lines(struct link *l, const char *lines, size_t len,
	    size_t n, uint64_t input);

/* How many bytes of lines still fit, and whether any one line does. */
size_t	 link_space(const struct link *l);
bool	 link_has_space(const struct link *l);

/* Ask who is here. The answer comes as notices. */
void	 link_ask(struct link *l);

/* Nothing more will be said: shut the sending half down when all is written. */
void	 link_finish(struct link *l);

/*
 * The lines of the link, counted from 1: how many were queued; are settled,
 * which means taken or refused; were refused; are not settled; are not, but may
 * have reached the room. link_input() is what link_say() was given for line n,
 * which isn't settled yet.
 */
uint64_t link_lines(const struct link *l);
uint64_t link_settled(const struct link *l);
uint64_t link_refused(const struct link *l);
uint64_t link_owed(const struct link *l);
uint64_t link_doubtful(const struct link *l);
uint64_t link_input(struct link *l, uint64_t n);

/* The number in the room of the next message, to *n, once that is known. */
bool	 link_next_number(const struct link *l, uint64_t *n);

/*
 * Where it stands: it is connected, if only for the handshake; the handshake is
 * over; a room has answered on this connection; one has done so before; the
 * caller knows of no connection, by the reader's cut(); link_finish() was
 * called.
 */
bool	 link_is_connected(const struct link *l);
bool	 link_is_up(const struct link *l);
bool	 link_is_answered(const struct link *l);
bool	 link_was_answered(const struct link *l);
bool	 link_is_cut(const struct link *l);
bool	 link_is_finishing(const struct link *l);

/* The process that connects in the background; -1: there is none. */
pid_t	 link_helper(const struct link *l);

#endif
