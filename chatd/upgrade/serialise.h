/*
 * A tape: numbers and bytes written to a file, or read from it
 *
 * One description of a structure serves for both: each function here writes
 * what it is pointed to, or reads it. After the first thing that is wrong,
 * nothing more is written, and all that is read is 0 or empty: so it's enough
 * to look at why at the end.
 */
#ifndef SERIALISE_H
#define SERIALISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct serialiser {
	FILE		*file;
	bool		 writing;
	const char	*why;		/* what was wrong first, or NULL */
	const int	*fds;		/* to read: what descriptors are here */
	size_t		 nfds;		/* as many, or were written by now */
	bool		 trial;		/* not all of them need to be here */
};

/* Something is wrong with what was read, unless something was before. */
void	 serialise_refuse(struct serialiser *t, const char *why);

/* A text that has to be there as it is, at most SERIALISE_TEXT_MAX bytes; if it is
 * not, that is why. */
#define SERIALISE_TEXT_MAX	64
void	 serialise_text(struct serialiser *t, const char *text, const char *why);

/* Numbers; one above max is refused. */
void	 serialise_number(struct serialiser *t, uint64_t *n, uint64_t max);
void	 serialise_size(struct serialiser *t, size_t *n, size_t max);
void	 serialise_bool(struct serialiser *t, bool *b);
void	 serialise_time(struct serialiser *t, int64_t *time);

/* The same for other types: returns n, or what was read. */
uint64_t serialise_value(struct serialiser *t, uint64_t n, uint64_t max);

/* len bytes at buf. */
void	 serialise_bytes(struct serialiser *t, void *buf, size_t len);

/* A string in buf, which has size bytes. */
void	 serialise_string(struct serialiser *t, char *buf, size_t size);

/*
 * A descriptor, which is written as its number among all that are, from 0 on.
 * One that isn't here is -1 on trial.
 */
void	 serialise_descriptor(struct serialiser *t, int *fd);

/* *len bytes, at most max, in memory of their own: NULL if there are none. */
void	 serialise_blob(struct serialiser *t, char **buf, size_t *len, size_t max);

#endif
