/*
 * A link: a client's connection to a room, with a sending and a receiving half
 *
 * link_say() queues lines, which stay queued until the room has settled them.
 * None is sent before the room has answered. For what the room sends,
 * link_ready() calls the functions of a link_reader. The caller owns the loop:
 *
 *	link_poll(l, reading, &pfd);
 *	poll(..., clock_timeout(link_deadline(l)));
 *	if (!link_ready(l, pfd.revents)) ... link_why(l) ...
 *
 * A link that resumes survives its connections. When one breaks, it makes
 * another in the background, sends again what the room hasn't settled, and
 * continues reading with the line after the last one that it got. It does so as
 * soon as a room has answered once, or from the start if it was opened with
 * wait.
 *
 * Where the room has several addresses, any link goes on to the next one until
 * a room has answered, and one that resumes also after that. All of them are
 * taken for one room: lines and numbers go on at any of them.
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
#define LINK_WHY_SIZE	512		/* bytes, for any reason */
#define LINK_GOODBYE	"the room closed the connection: " /* a reason that has
					   the room's own words after this */
#define LINK_ANSWER_MS	10000		/* time limit for the first answer, but
					   for a link that resumes, and has only
					   one address */
#define LINK_PREFIX_SIZE 260		/* bytes of "name: " with its NUL */

struct link;
struct tls_context;

struct link_reader {
	/* One or more whole lines with their LFs, each of at most MESSAGE_SIZE
	 * bytes, as the room sent them: neither checked nor safe to show. */
	void	(*lines)(void *arg, const char *lines, size_t len);
	/* A control line. n and its text are valid until the call returns. */
	void	(*notice)(void *arg, const struct notice *n);
	/* The connection to that address is gone, or can't be made, and the
	 * link tries to make another, there or at the next address. why is safe
	 * to show; both are valid until the call returns. If no room has
	 * answered yet, it is called once for each address. It is called again
	 * before back() only if a room says that it is cut off. */
	void	(*cut)(void *arg, const char *address, const char *why);
	/* There is a connection again. If the room has forgotten this sender's
	 * session, the link sends lines again, of which the room may have that
	 * many already: they are in doubt. */
	void	(*back)(void *arg, bool forgotten, uint64_t doubtful);
};

/*
 * Make a link to the room at those addresses, which will send h first. tls has
 * the key to prove, or is NULL; for a Unix-domain socket it isn't used. rooms,
 * tls and reader have to live as long as the link; h is copied. The reader's
 * functions get arg. Returns NULL with errno if memory is short.
 */
struct link	*link_new(const struct addr_list *rooms,
		    struct tls_context *tls, const struct hello *h,
		    const struct link_reader *reader, void *arg);

/* Disconnect and free the link. */
void	 link_free(struct link *l);

/*
 * Connect, which blocks. Returns 0, or -1, and then link_why() has the reason.
 * To one of several addresses it only begins to connect.
 */
int	 link_open(struct link *l);

/*
 * The same for a link that resumes. It gives up after patience milliseconds
 * without a room, or never for CLOCK_NEVER. With wait it only begins to
 * connect, which doesn't block, and also waits for a room that doesn't exist
 * yet.
 */
int	 link_open_resuming(struct link *l, bool wait, int64_t patience);

/*
 * link_poll() fills in pfd with what to poll for; reading says whether the
 * caller can take more lines. link_deadline() is when to call link_ready() at
 * the latest, by clock_now(), or CLOCK_NEVER.
 */
void	 link_poll(struct link *l, bool reading, struct pollfd *pfd);
int64_t	 link_deadline(const struct link *l);

/*
 * Read and write without blocking. revents is what poll(2) has set, or 0. Lines
 * that were just queued are sent at once. Returns whether the link goes on.
 * Once it doesn't, link_why() is NULL if that is the regular end: link_finish()
 * was called, every line is settled, and the room has closed the connection or
 * is gone.
 */
bool	 link_ready(struct link *l, short revents);

/* NULL, or why the link ended too early: safe to show, and valid as long as the
 * link is. */
const char	*link_why(const struct link *l);

/*
 * The same with the address, for each address if none of several has a room.
 * Begin with *i = 0, and call it until it returns false.
 */
bool	 link_next_reason(const struct link *l, size_t *i,
	    const char **address, const char **why);

/* The address, as it was given, of the connection, or of the next one. */
const char	*link_address(const struct link *l);

/* Whether it has several. */
bool	 link_has_others(const struct link *l);

/*
 * Put "name: " before every line. name has at most LINK_PREFIX_SIZE - 3 bytes
 * and is copied. Call this before link_ready(). In a room that names its
 * speakers itself, the link fails if insists is true; or else it drops the
 * prefix for good, and also removes it from lines that are queued.
 */
void	 link_name(struct link *l, const char *name, bool insists);

/* The bytes of that prefix, which count as part of a line; 0 without one. */
size_t	 link_prefix_size(const struct link *l);

/*
 * Queue the line of len bytes at text, which has no LF and is copied. input is
 * the caller's own number of the line: see link_input(). Returns false if there
 * is no space now.
 */
bool	 link_say(struct link *l, const char *text, size_t len,
	    uint64_t input);

/*
 * The same for what the person does: with "* name " before it, or with "* "
 * where the link has no prefix. link_act_size() is the length of that.
 */
bool	 link_act(struct link *l, const char *text, size_t len,
	    uint64_t input);
size_t	 link_act_size(const struct link *l);

/*
 * Queue n whole lines, of len bytes with their LFs. The first one is number
 * input for the caller, and so on. Only for a link without a prefix. Returns
 * false if there is no space now.
 */
bool	 link_say_lines(struct link *l, const char *lines, size_t len,
	    size_t n, uint64_t input);

/* How many more bytes of lines fit, and whether a line of LINE_SIZE does. */
size_t	 link_space(const struct link *l);
bool	 link_has_space(const struct link *l);

/* Ask who is here, as soon as that can be sent. The answer comes as notices. */
void	 link_ask(struct link *l);

/* No more lines will be queued: shut down the sending half once all is sent. */
void	 link_finish(struct link *l);

/*
 * How many lines
 *
 * - were queued (link_lines)
 * - are settled: the room has taken or refused them
 * - were refused
 * - are owed: queued and not settled
 * - are doubtful: owed, but they may have reached the room
 *
 * link_input() returns the number that link_say() was given for line n, which
 * counts from 1 and must not be settled yet.
 */
uint64_t link_lines(const struct link *l);
uint64_t link_settled(const struct link *l);
uint64_t link_refused(const struct link *l);
uint64_t link_owed(const struct link *l);
uint64_t link_doubtful(const struct link *l);
uint64_t link_input(struct link *l, uint64_t n);

/*
 * Set *n to the room's number of the next message. Returns whether it is known.
 */
bool	 link_next_number(const struct link *l, uint64_t *n);

/*
 * Whether
 *
 * - it has a connection, perhaps still in its handshake (connected)
 * - the handshake is over, if there is one (up)
 * - a room has answered, on this connection (is) or on any (was)
 * - the reader's cut() was called, and not yet its back() (cut)
 * - link_finish() was called (finishing)
 */
bool	 link_is_connected(const struct link *l);
bool	 link_is_up(const struct link *l);
bool	 link_is_answered(const struct link *l);
bool	 link_was_answered(const struct link *l);
bool	 link_is_cut(const struct link *l);
bool	 link_is_finishing(const struct link *l);

/* When it tries to connect again, by clock_now(), or CLOCK_NEVER if it doesn't
 * wait to. */
int64_t	 link_next_try(const struct link *l);

/* The process that connects in the background, or -1 if there is none. */
pid_t	 link_helper(const struct link *l);

#endif
