/*
 * A crowd of clients in one process, and what they hear
 */
#ifndef CROWD_H
#define CROWD_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conn.h"

#define LINE_BYTES	80	/* every line said here, with its LF */

/* The first only listen; those from readers on talk, and hear each other. */
struct crowd {
	struct pollfd	*pfd;
	struct conn	*conn;		/* goes with it */
	struct tls_context *tls;	/* borrowed; NULL: they are plain */
	size_t		 readers;
	size_t		 size;
	char		*buf;		/* all read into it; nobody looks */
	uint64_t	 heard;		/* bytes, by all of them */
	uint64_t	 reads;
};

void	 lines_fill(char *, size_t);
int	 room_connect(uint16_t);
void	 room_secure(struct conn *, struct tls_context *);

void	 crowd_init(struct crowd *, size_t, struct tls_context *);
void	 crowd_listen(struct crowd *, uint16_t, size_t);
void	 crowd_join(struct crowd *, uint16_t, size_t);
void	 crowd_say(struct crowd *, size_t, const char *, size_t);
bool	 crowd_poll(struct crowd *);
size_t	 crowd_hear(struct crowd *, size_t);
void	 crowd_hear_until(struct crowd *, uint64_t);
void	 crowd_hear_all(struct crowd *, uint64_t);
void	 crowd_free(struct crowd *);

#endif
