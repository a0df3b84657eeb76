/*
 * Temporary files: files without a name, gone once nobody has them open
 */
#ifndef TEMPFILE_H
#define TEMPFILE_H

#include <stdio.h>

#define TEMPFILE_WHY_SIZE	96		/* bytes of a reason */

/*
 * Open one for writing and reading: in memory (memfd_create(2)), else in the
 * directory of TMPDIR, else in /tmp. The caller closes it. Returns NULL if none
 * of these works, with the reason in why, which has TEMPFILE_WHY_SIZE bytes.
 */
FILE	*tempfile_open(char *why);

#endif
