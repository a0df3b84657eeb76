/*
 * The channel between the two processes: messages, and descriptors with them
 *
 * chatd is a keeper, which never reads from the network, and a room, its child.
 * The keeper believes nothing that the room says: whoever has broken into that
 * can say whatever it likes.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHANNEL_FDS	64		/* descriptors with a message */
#define CHANNEL_TEXT	128		/* bytes of its text, with the NUL */

enum message_kind {
	/* To the room. */
	MESSAGE_STOP,			/* close */
	MESSAGE_COUNT,			/* log the counters */
	MESSAGE_KEYS,			/* read the keys anew, from a file, if
					   there are any */
	MESSAGE_NAME,			/* the text is the login name of a uid:
					   empty if there is none */
	MESSAGE_TRY,			/* give what a trial needs */
	MESSAGE_LEAVE,			/* give everything, and stand still */
	MESSAGE_STATE,			/* write the state to a file */
	MESSAGE_GO_ON,			/* nothing comes of it */
	/* To the keeper. */
	MESSAGE_READY,			/* clients can connect */
	MESSAGE_ASK,			/* what is the login name of a uid? */
	MESSAGE_PART,			/* some descriptors, more will come */
	MESSAGE_ALL,			/* the last ones */
	MESSAGE_WRITTEN,		/* the state is in the file */
	MESSAGE_REFUSED			/* it can't be, the text says why */
};

struct message {
	enum message_kind kind;
	uint64_t	 number;
	char		 text[CHANNEL_TEXT];
	int		 fds[CHANNEL_FDS];
	size_t		 nfds;
};

/* Make one. 0, or -1 with errno. */
int	 channel_open(int ends[2]);

/*
 * Send a message. Its descriptors stay the caller's. Returns 0, or -1 with
 * errno, if nobody is there any more for example.
 */
int	 channel_send(int fd, const struct message *m);

/* The same for one without descriptors; text is cut to what fits. */
int	 channel_send_text(int fd, enum message_kind kind, uint64_t number,
	    const char *text);

/*
 * Wait for the next message. Its descriptors become the caller's. False if none
 * will come any more, because nobody is there.
 */
bool	 channel_receive(int fd, struct message *m);

/* The same in the room's process, which ends if the keeper is gone: without it,
 * there is nobody left to stop the room. */
void	 channel_await(int fd, struct message *m);

/* Close the descriptors of a message that nobody wants. */
void	 channel_discard(struct message *m);

#endif
