/*
 * Serialising: numbers, strings and descriptors, to a file or from it
 *
 * Each function writes the object that it gets a pointer to, or reads it, as
 * the serialiser says; so one description of a structure serves for both, and
 * the two can't drift apart. After the first error nothing more is written, and
 * everything read is 0 or empty: it is enough to look at why at the end.
 *
 * Numbers have the machine's own size and byte order: only the next program on
 * the same machine reads them.
 */
#ifndef SERIALISE_H
#define SERIALISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The caller sets file, and writing; or fds, nfds and trial to read them. */
struct serialiser {
	FILE		*file;		/* borrowed */
	bool		 writing;	/* else reading */
	const char	*why;		/* the first error, or NULL */
	const int	*fds;		/* reading: descriptors by number */
	size_t		 nfds;		/* how many; writing: so far */
	bool		 trial;		/* some of them may be missing */
};

/* Note an error, such as a value that can't be right. why is borrowed. */
void	 serialise_refuse(struct serialiser *z, const char *why);

/* A constant text of at most SERIALISE_TEXT_MAX bytes; reading anything else is
 * an error for the reason why. */
#define SERIALISE_TEXT_MAX	64
void	 serialise_text(struct serialiser *z, const char *text,
	    const char *why);

/* Numbers. One that is larger than max is an error, also when writing. */
void	 serialise_number(struct serialiser *z, uint64_t *n, uint64_t max);
void	 serialise_size(struct serialiser *z, size_t *n, size_t max);
void	 serialise_bool(struct serialiser *z, bool *b);
void	 serialise_time(struct serialiser *z, int64_t *time);

/* A number of any other type: returns n when writing, else what was read. */
uint64_t serialise_value(struct serialiser *z, uint64_t n, uint64_t max);

/* len bytes at buf. */
void	 serialise_bytes(struct serialiser *z, void *buf, size_t len);

/* A string in buf, which has size bytes. */
void	 serialise_string(struct serialiser *z, char *buf, size_t size);

/*
 * A descriptor. Only its number is written, which counts those of this file
 * from 0 on; reading looks that up in fds, and takes -1 for one that is missing
 * on trial. The file doesn't own it.
 */
void	 serialise_descriptor(struct serialiser *z, int *fd);

/* *len bytes, at most max. Reading allocates *buf for the caller, also if an
 * error follows; it is NULL if *len is 0. */
void	 serialise_blob(struct serialiser *z, char **buf, size_t *len,
	    size_t max);

#endif
