/*
 * Loading: filling the ring and the sessions from the store
 */
#ifndef LOAD_H
#define LOAD_H

#include <stdint.h>

struct journal;
struct ring;
struct sessions;

/*
 * Read and check the whole store of a journal that has nothing but its open
 * store yet. Fills the empty ring with the newest lines, and the sessions with
 * their counts; *authors becomes the highest author. A store without segments
 * starts with line first. Damage is logged, a torn end is cut off, and the
 * journal is ready for use. Returns 0, or -1 with *why.
 */
int	 load_room(struct journal *j, struct ring *r, struct sessions *all,
	    uint64_t first, uint64_t *authors, const char **why);

#endif
