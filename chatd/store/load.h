/*
 * Loading: filling the ring and the sessions from the store
 *
 * A crash or a loss of power may leave a torn end in the newest segment: what
 * was being written or, without config.sync, was never synced. That is no
 * damage, and is cut off. Anything else that can't be read is damage. Loading
 * then resumes at the next "at" record, and logs which lines are lost.
 *
 * A replica is loaded as it was at the last position in the log that the store
 * has. What comes after that in the newest segment is cut off, since the log
 * brings it again.
 */
#ifndef LOAD_H
#define LOAD_H

#include <stdint.h>

struct journal;
struct ring;
struct sessions;

/*
 * Read and check the whole store j->store, which is open, and make the journal
 * ready for use. If j->replica, which is new, isn't NULL, it's filled in: at
 * position 0 if the store is of no log. If it is NULL and the store is of a
 * log, the store leaves that for good. Fills r, which is empty, with the newest
 * lines and all with the sessions and their counts. all->max limits those that
 * are idle, but in a replica what the log says does, and becomes all->max.
 * *authors becomes the highest author so far. A store without segments starts
 * with line first. Logs damage and a torn end. Returns 0, or -1 with *why, a
 * string that may change with the next call of strerror(3): damage is such an
 * error, too, unless config.go_on is set. What of the newest segment of a
 * replica the log can't mend is always one.
 */
int	 load_room(struct journal *j, struct ring *r, struct sessions *all,
	    uint64_t first, uint64_t *authors, const char **why);

#endif
