/*
 * Scratch: files without a name, for as long as they are open
 */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <stdio.h>

#define SCRATCH_WHY	96		/* bytes */

/*
 * Open one to write and read: in memory, where the system can have files there,
 * or in the directory of TMPDIR, or in /tmp. NULL if there can't be one, with the
 * reason in why, which has SCRATCH_WHY bytes.
 */
FILE	*scratch_open(char *why);

#endif
