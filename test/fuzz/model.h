/*
 * What a room has taken, and what everybody must hear of it
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "line.h"

#define MODEL_FIRST	1000		/* number of the first line */
#define MODEL_MAX	(384 * 1024)	/* bytes said in all */

struct client;
struct ring;

/* Our end of a connection. */
struct ear {
	struct client	*c;		/* the room's end, until it is gone */
	int		 fd;		/* -1: closed */
	bool		 turned;	/* away at the door */
	bool		 inside;	/* it was let in */
	bool		 shut;		/* nothing more is said */
	bool		 ended;		/* nothing more is heard */
	bool		 role;		/* it has heard an answer to its role */
	bool		 loose;		/* lost lines, who knows how many */
	bool		 needs_at;	/* lost some: a number has to come */
	bool		 timed;
	bool		 bye;
	bool		 answered;	/* there was an ok */
	uint64_t	 came_as;	/* the author it was at first, */
	uint64_t	 id;		/* and is now */
	uint64_t	 pos;		/* the line it hears next, from 0 */
	uint64_t	 lost;		/* what it was told last */
	uint64_t	 began;		/* the first ok, */
	uint64_t	 settled;	/* and the last */
	uint64_t	 errors;
	uint64_t	 last_error;
	uint64_t	 accepted;	/* lines in the room */
	int64_t		 time;
	size_t		 sentlen;
	size_t		 checked;	/* of it, up to where it was taken */
	size_t		 partlen;
	char		 sent[MODEL_MAX];
	char		 part[2 * MESSAGE_SIZE];
};

/* Nothing was said yet. */
void	 model_start(void);

/* How many bytes may still be said. */
size_t	 model_left(void);

/* The room has taken lines, which were said by an ear; each begins with a
 * prefix that it didn't say. */
void	 model_take(struct ear *e, int64_t time, const char *lines, size_t len,
	    size_t nlines, const char *prefix);

/* A client has come; later, what has become of it after a round. */
void	 model_enter(struct ear *e, int fd, struct client *c,
	    const struct ring *r);
void	 model_look(struct ear *e, const struct ring *r);

/* Say something; what isn't taken by the socket isn't said. */
void	 model_say(struct ear *e, const char *s, size_t len);

/* Read size bytes at the most, and check them. Returns how many there were. */
size_t	 model_hear(struct ear *e, size_t size);

/* Everything was heard, and everything said was taken or refused. */
void	 model_settled(struct ear *e);

#endif
