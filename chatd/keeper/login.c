/*
 * Logins: the login name of a user
 *
 * In a user namespace, all users without a mapping have the same number, the
 * overflow uid. That is usually the uid of the user nobody, so the database has
 * a name for it, but it stands for no single person.
 */
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "login.h"

#define OVERFLOW	65534		/* the kernel's default */
#define MAP_LINE	128		/* bytes; lines of uid_map have 34 */
#define ALL_UIDS	4294967295U	/* how many there are */

/* The sum of the last number of each line of a file; 0 if it can't be read. */
static uint64_t
sum_last_column(const char *path)
{
	FILE *f = fopen(path, "re");
	char line[MAP_LINE];
	const char *space;
	uint64_t sum = 0;

	if (f == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL) {
		space = strrchr(line, ' ');
		sum += strtoull(space == NULL ? line : space, NULL, 10);
	}
	(void)fclose(f);
	return sum;
}

/* /proc has the overflow uid, which can be changed; but it may be hidden from
 * us, as it is from some services. The default counts in any case. */
static bool
is_overflow_uid(uid_t uid)
{
	return uid == OVERFLOW || (uid != 0 &&
	    uid == sum_last_column("/proc/sys/kernel/overflowuid"));
}

/* Whether the namespace maps all users. A map that has the overflow uid but not
 * everybody leaves it ambiguous. */
static bool
is_everybody_mapped(void)
{
	return sum_last_column("/proc/self/uid_map") >= ALL_UIDS;
}

const char *
login_lookup(uid_t uid)
{
	const struct passwd *pw;

	if (uid == (uid_t)-1)
		return NULL;
	if (is_overflow_uid(uid) && !is_everybody_mapped())
		return NULL;
	pw = getpwuid(uid);
	return pw == NULL ? NULL : pw->pw_name;
}
