/*
 * Room: the socket to the room, and the log lines on it
 *
 * What is said waits here until the room reads it.
 */
#ifndef ROOM_H
#define ROOM_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "logline.h"

#define ROOM_FULL	(320 * 1024)	/* bytes that wait, from which on no
					   more of a log is wanted */

struct room {
	int		 in;
	int		 out;
	bool		 ended;		/* it says no more, or reads no more */
	char		 buf[LOGLINE_SIZE + LOGLINE_ENTRY]; /* a line that
					   isn't whole */
	size_t		 len;		/* of buf */
	size_t		 used;		/* of buf, by room_next() */
	char		*queue;		/* what waits */
	size_t		 start;
	size_t		 end;
	size_t		 size;
};

/* Talk on these descriptors, which can be one socket. Returns 0, or -1 with
 * errno. */
int	 room_init(struct room *r, int in, int out);
void	 room_free(struct room *r);

/* Say a line; its entry goes with it. */
void	 room_say(struct room *r, const struct logline *l);

/* How many bytes wait, and whether more of a log can be taken. */
size_t	 room_waiting(const struct room *r);
bool	 room_is_full(const struct room *r);

/* Fill in two entries with what to poll for, and read and write afterwards;
 * room_write() can be called at any time. */
void	 room_poll(const struct room *r, struct pollfd pfd[2]);
void	 room_read(struct room *r);
void	 room_write(struct room *r);

/*
 * Take the next line that was read. Its entry is valid until the next call.
 * Returns 1, 0 if there is none, or -1 if it is no line of a room.
 */
int	 room_next(struct room *r, struct logline *l);

#endif
