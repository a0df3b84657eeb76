/*
 * The line being typed: GNU readline as the editor, without its drawing
 *
 * It never reads the terminal, never writes to it and never blocks: it takes
 * keys from a struct keys, and whoever uses it draws what it has.
 */
#ifndef EDIT_H
#define EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "keys.h"
#include "layout.h"
#include "names.h"

struct edit_user {
	/* A line was entered; NULL is the end, ^D on an empty line. It may have
	 * LFs inside, if it was pasted. */
	void	(*line)(void *arg, const char *line);
	/* These words could stand here. */
	void	(*words)(void *arg, char **words, size_t n);
	/* The screen is to be cleared. */
	void	(*clear)(void *arg);
};

struct edit {
	const struct edit_user *user;
	void		*arg;		/* for the user's functions */
	struct keys	*keys;
	const struct names *names;	/* for completion */
	bool		 dirty;		/* there's something new to draw */
	bool		 ended;		/* ^D was typed: no more lines */
	size_t		 match;		/* of completion, the last one tried */
	struct buf	 back;		/* to be put into the next line */
	struct buf	 prompt;	/* for edit_typing() */
};

/* Reads the user's inputrc. There can be only one at a time. 0, or -1. */
int	 edit_open(struct edit *e, const struct edit_user *user, void *arg,
	    struct keys *keys, const struct names *names);
void	 edit_close(struct edit *e);

/* Take keys while they are of a character. */
void	 edit_keys(struct edit *e);

/* Put in text as a whole, which one undo takes away again. */
void	 edit_insert(struct edit *e, const char *text, size_t len);

/* From inside user->line: have the next line begin with this. */
void	 edit_give_back(struct edit *e, const char *text);

/* Drop the line, and whatever a key has begun. */
void	 edit_drop(struct edit *e);

/* Remember a line to be called back. */
void	 edit_remember(const char *line);

/* What there is to draw; good until the next key. */
void	 edit_typing(struct edit *e, struct typing *t);

#endif
