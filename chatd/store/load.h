/*
 * Loading: making a room of what the store has kept
 */
#ifndef LOAD_H
#define LOAD_H

#include <stdint.h>

struct journal;
struct ring;
struct sessions;

/*
 * Read the whole store of a journal, which has only its store yet, and look
 * whether all of it is right. The empty room is filled with the newest lines,
 * sessions with their counts, and *authors becomes the highest number of an
 * author. A store without segments begins with line number first. Everything
 * odd is logged: an end that is torn is cut off, and so the journal is ready
 * to go on. Returns 0, or -1 with *why.
 */
int	 load_room(struct journal *j, struct ring *r, struct sessions *all,
	    uint64_t first, uint64_t *authors, const char **why);

#endif
