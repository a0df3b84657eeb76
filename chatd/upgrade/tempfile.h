/*
 * Scratch: files without a name, for as long as they are open
 */
#ifndef TEMPFILE_H
#define TEMPFILE_H

#include <stdio.h>

#define TEMPFILE_WHY_SIZE	96		/* bytes */

/*
 * Open one to write and read: in memory, where the system can have files there,
 * or in the directory of TMPDIR, or in /tmp. NULL if there can't be one, with the
 * reason in why, which has TEMPFILE_WHY_SIZE bytes.
 */
FILE	*tempfile_open(char *why);

#endif
