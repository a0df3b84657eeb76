/*
 * A history: what the room of a recording has had, and whom it told of it
 *
 * Its clients say lines "NAME K": a word of their own, and K, which begins with
 * 1 and grows by one; maybe more after that. A K can be missing if that line
 * was refused.
 */
#ifndef HISTORY_H
#define HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recording.h"

#define SPEAKERS_MAX	64
#define WORD_SIZE	80

struct platter;

/* An operation of a recording, and its bytes. */
struct step {
	struct op	 op;
	const char	*data;
};

struct steps {
	char		*bytes;
	struct step	*list;
	size_t		 n;
};

struct text {
	const char	*s;		/* without LF; NULL: not of the room */
	size_t		 len;
};

/* From this step on, this is promised: all up to a line, or NO_LINE, and that
 * so many lines of a speaker are settled. */
struct promise {
	size_t		 step;
	uint64_t	 number;
	size_t		 speaker;
	uint64_t	 settled;
};

#define NO_LINE		0

/* Who has no session has "" for one. */
struct speaker {
	char		 name[WORD_SIZE];
	char		 session[WORD_SIZE];
	uint64_t	*numbers;	/* of its line K, or NO_LINE */
	size_t		 n;
};

struct history {
	uint64_t	 first;		/* the room's first line */
	struct text	*lines;		/* from that on */
	size_t		 n;
	struct speaker	 speakers[SPEAKERS_MAX];
	size_t		 nspeakers;
	struct promise	*promises;
	size_t		 npromises;
};

/* Exits if they are none. */
void	 steps_read(struct steps *s, const char *path);

void	 steps_free(struct steps *s);

/* all has done all steps; h points into it. */
void	 history_read(struct history *h, const struct steps *s,
	    const struct platter *all);

/* The line up to which the room has promised all before a step; NO_LINE. */
uint64_t history_owed(const struct history *h, size_t step);

/* How many lines of a speaker it has promised to have settled. */
uint64_t history_settled(const struct history *h, size_t step, size_t speaker);

/* The text of a line, or NULL. */
const struct text	*history_line(const struct history *h, uint64_t number);

/* Whether a session with settled lines fits a room that has all up to a line:
 * no more than that, and no less. */
bool	 history_fits(const struct history *h, size_t speaker,
	    uint64_t settled, uint64_t last);

#endif
