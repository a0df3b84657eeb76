/*
 * The screen: a transcript that scrolls, and below it the line being typed
 *
 * What is put into the transcript waits for the next frame; a frame erases the
 * line that is typed, writes what was put, and draws the line anew, all of it
 * in one write. The terminal's own scrolling does the rest, so its scrollback
 * has the transcript and nothing else.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "layout.h"

struct screen {
	struct buf	 transcript;	/* put and not yet written */
	struct buf	 out;		/* a frame */
	struct layout	 now;		/* what the screen shows ... */
	size_t		 top;		/* ... from this row on ... */
	size_t		 height;	/* ... on so many rows; 0: nothing */
};

void	 screen_init(struct screen *s);
void	 screen_free(struct screen *s);

/* Add to the transcript: safe to show, and it ends its lines with CR LF. */
void	 screen_put(struct screen *s, const char *text, size_t len);

/* Draw a frame. All functions that write return 0, or -1 with errno. */
int	 screen_draw(struct screen *s, const struct typing *t);

/* Write the transcript, and erase the line being typed. */
int	 screen_erase(struct screen *s);

/* Write the transcript, and leave the line above where others go on. */
int	 screen_leave(struct screen *s, const struct typing *t);

/* Draw the next frame on an empty screen. */
void	 screen_clear(struct screen *s);

/* Somebody else has written to the screen, and the cursor is theirs. */
void	 screen_forget(struct screen *s);

#endif
