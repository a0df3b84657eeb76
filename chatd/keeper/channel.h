/*
 * The channel: messages between the keeper and the room process, with file
 * descriptors passed along
 *
 * It is a socket pair, one end in each process. The keeper doesn't trust what
 * comes from the room process: somebody may have broken into that.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHANNEL_FDS	64		/* most descriptors in a message */
#define CHANNEL_TEXT	128		/* bytes of its text, with the NUL */
#define CHANNEL_CLOSED	"closed"	/* text of a MESSAGE_HELPER */

enum message_kind {
	/* From the keeper to the room process. */
	MESSAGE_STOP,			/* close and exit */
	MESSAGE_COUNTERS,		/* log the counters */
	MESSAGE_KEYS,			/* reload the keys from the descriptor,
					   if one comes along */
	MESSAGE_NAME,			/* the login name (text, or empty) of a
					   uid (number) */
	MESSAGE_TRIAL,			/* hand over what a trial needs */
	MESSAGE_HANDOVER,		/* hand over everything, then wait;
					   before that, disconnect clients
					   that can't be handed over */
	MESSAGE_STATE,			/* write the state to the descriptor */
	MESSAGE_RESUME,			/* the upgrade has failed */
	MESSAGE_LOG,			/* a helper has been started, with this
					   number: its socket */
	/* From the room process to the keeper. */
	MESSAGE_READY,			/* it takes orders; with number 1,
					   clients can connect, too */
	MESSAGE_HELPER,			/* the helper with this number has said
					   something wrong: end it; or, with
					   CHANNEL_CLOSED as text, has closed
					   its socket: end it, unless that
					   happens by itself */
	MESSAGE_ENDING,			/* it ends, and has logged why: so does
					   its helper, of which nothing is to be
					   said */
	MESSAGE_LOOKUP,			/* look up the login name of a uid
					   (number) */
	MESSAGE_FDS,			/* some descriptors, more follow */
	MESSAGE_LAST_FDS,		/* the last ones */
	MESSAGE_WRITTEN,		/* the state is in the file */
	MESSAGE_REFUSED			/* no handover, for a reason (text) */
};

struct message {
	enum message_kind kind;
	uint64_t	 number;
	char		 text[CHANNEL_TEXT];
	int		 fds[CHANNEL_FDS];
	size_t		 nfds;
};

/* Open a channel; both ends are closed on exec. Returns 0, or -1 with errno. */
int	 channel_open(int ends[2]);

/*
 * Send a message; its descriptors stay the caller's. Blocks while the channel
 * is full, as long as SO_SNDTIMEO allows. Returns 0, or -1 with errno, such as
 * EPIPE when the other process has ended.
 */
int	 channel_send(int fd, const struct message *m);

/* The same for a message without descriptors. A longer text is truncated. */
int	 channel_send_text(int fd, enum message_kind kind, uint64_t number,
	    const char *text);

/*
 * Wait for the next message, as long as SO_RCVTIMEO allows. Its descriptors
 * become the caller's, and are closed on exec. Returns false if the other
 * process has ended, or doesn't send a whole message in that time.
 */
bool	 channel_receive(int fd, struct message *m);

/* The same in the room process, which exits with status 2 if the keeper has
 * ended: nobody could stop the room then. */
void	 channel_await(int fd, struct message *m);

/* Close a message's descriptors. */
void	 channel_discard(struct message *m);

#endif
