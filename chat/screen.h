/*
 * The screen: a transcript that scrolls, and below it the line being typed
 *
 * What is added to the transcript is safe to show, each line in it ends with CR
 * LF, and it waits for the next frame. A frame erases the line being typed,
 * writes what was added, and draws the line again, all in one write(2). The
 * terminal itself scrolls, so its scrollback has the transcript and nothing
 * else.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "layout.h"

struct screen {
	struct buf	 transcript;	/* added and not yet written */
	struct buf	 out;		/* a frame while it is made */
	struct layout	 now;		/* what the last frame has drawn */
	size_t		 top;		/* its first row that is shown */
	size_t		 height;	/* its rows that are shown; 0: none */
};

void	 screen_init(struct screen *s);
void	 screen_free(struct screen *s);

/* Draw a frame. Returns 0, or -1 with errno. */
int	 screen_draw(struct screen *s, const struct typing *t);

/* Write the transcript, and erase the line being typed. Returns the same. */
int	 screen_erase(struct screen *s);

/* Write the transcript, and leave the line on the screen, with the cursor below
 * it. Returns the same. */
int	 screen_leave(struct screen *s, const struct typing *t);

/* Draw the next frame on an empty screen. */
void	 screen_clear(struct screen *s);

/* Other programs have written to the screen: the next frame begins where the
 * cursor is, and erases nothing. */
void	 screen_forget(struct screen *s);

#endif
