/*
 * Loading: filling the ring and the sessions from the store
 *
 * A crash or a loss of power may leave a torn end in the newest segment: what
 * was being written or, without config.sync, was never synced. That is no
 * damage, and is cut off. Anything else that can't be read is damage. Loading
 * then resumes at the next "at" record, and logs which lines are lost.
 */
#ifndef LOAD_H
#define LOAD_H

#include <stdint.h>

struct journal;
struct ring;
struct sessions;

/*
 * Read and check the whole store j->store, which is open, and make the journal
 * ready for use. Fills r, which is empty, with the newest lines and all with
 * the sessions and their counts. *authors becomes the highest author so far. A
 * store without segments starts with line first. Logs damage and a torn end.
 * Returns 0, or -1 with *why, a string that may change with the next call of
 * strerror(3): damage is such an error, too, unless config.go_on is set.
 */
int	 load_room(struct journal *j, struct ring *r, struct sessions *all,
	    uint64_t first, uint64_t *authors, const char **why);

#endif
