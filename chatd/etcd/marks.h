/*
 * Marks: how far back in a log so many bytes reach
 *
 * etcd doesn't tell how much there is between two revisions. So they are
 * counted as entries come, and a revision is noted from time to time.
 */
#ifndef MARKS_H
#define MARKS_H

#include <stddef.h>
#include <stdint.h>

#define MARKS_MAX	1100
#define MARKS_PARTS	1024		/* of the most bytes that are asked
					   about: as exact as they are */

struct mark {
	uint64_t	 bytes;		/* before it */
	uint64_t	 revision;
};

struct marks {
	struct mark	 mark[MARKS_MAX]; /* a ring */
	size_t		 first;
	size_t		 n;
	uint64_t	 bytes;		/* counted in all */
	uint64_t	 grain;		/* bytes from one mark to the next */
};

/* Begin to count at that revision; up to most bytes back will be asked for. */
void	 marks_init(struct marks *m, uint64_t revision, uint64_t most);

/* An entry of so many bytes has come, which made that revision. */
void	 marks_count(struct marks *m, uint64_t revision, uint64_t bytes);

/* The newest revision after which that many bytes have come at least, or 0 if
 * none is known. */
uint64_t marks_before(const struct marks *m, uint64_t bytes);

#endif
