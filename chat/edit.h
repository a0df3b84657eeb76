/*
 * The line being typed: GNU readline as the editor, without its drawing
 *
 * It never reads from the terminal, writes to it or blocks. It takes keys from
 * a struct keys, and the user of these functions draws the line.
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
	/* A line was entered, or NULL for ^D on an empty line. A line may have
	 * LFs inside, if it was pasted. It is valid until the call returns. */
	void	(*line)(void *arg, const char *line);
	/* Completion has found these n words, and can't choose one. */
	void	(*words)(void *arg, char **words, size_t n);
	/* The screen is to be cleared. */
	void	(*clear)(void *arg);
};

struct edit {
	const struct edit_user *user;
	void		*arg;		/* for the user's functions */
	struct keys	*keys;
	const struct names *names;	/* for completion */
	bool		 dirty;		/* the line has changed: draw it */
	bool		 ended;		/* ^D was typed: no more lines */
	size_t		 match;		/* last word that completion took */
	struct buf	 back;		/* to put into the next line */
	struct buf	 prompt;	/* for edit_typing() */
};

/* Start readline, which reads the user's inputrc: call it before the sandbox.
 * Only one edit can be open at a time. Returns 0, or -1 on an error. */
int	 edit_open(struct edit *e, const struct edit_user *user, void *arg,
	    struct keys *keys, const struct names *names);
void	 edit_close(struct edit *e);

/* Take keys as long as the next one is a character. */
void	 edit_keys(struct edit *e);

/* Insert text at the cursor; one undo removes it. */
void	 edit_insert(struct edit *e, const char *text, size_t len);

/* Only from inside user->line(): begin the next line with this text. */
void	 edit_give_back(struct edit *e, const char *text);

/* Drop the line, and any command of readline that waits for more keys. */
void	 edit_drop(struct edit *e);

/* Add a line to the history. */
void	 edit_remember(const char *line);

/* Fill in t with what to draw, valid until the next key, and clear dirty. */
void	 edit_typing(struct edit *e, struct typing *t);

#endif
