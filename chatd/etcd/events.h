/*
 * Events: the responses of a watch, as their bytes come
 *
 * A response can have all that a log has, some MiB. So it isn't kept until it
 * is whole: each event is told as soon as it is.
 */
#ifndef EVENTS_H
#define EVENTS_H

#include "kv.h"

#define EVENTS_MAX	(160 * 1024)	/* most bytes of an event, and of
					   another field */

struct events_reader {
	/* The key was put. kv is valid until the call returns. Returns NULL, or
	 * what is wrong with it. */
	const char	*(*put)(void *arg, const struct kv *kv);
	/* The key was deleted. Returns what is wrong with that, or NULL. */
	const char	*(*deleted)(void *arg);
	/* The watch has ended. What it asked for is compacted up to that
	 * revision, or it is 0, and why says more. Returns as above. */
	const char	*(*cancelled)(void *arg, uint64_t compacted,
			    const char *why);
};

struct events {
	const struct events_reader *reader;
	void		*arg;		/* of its functions */
	uint8_t		*part;		/* a field that isn't whole yet */
	size_t		 len;		/* of part */
	size_t		 size;
	bool		 cancelled;	/* this response says so */
	uint64_t	 compacted;
	char		 why[128];
};

void	 events_init(struct events *e, const struct events_reader *reader,
	    void *arg);
void	 events_free(struct events *e);

/*
 * Take the next len bytes of a response, after which left bytes of it are to
 * come. Returns NULL, or what is wrong: with the bytes, or as the reader's
 * functions have said.
 */
const char	*events_take(struct events *e, const uint8_t *data, size_t len,
		    size_t left);

#endif
