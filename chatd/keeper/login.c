/*
 * Logins: by which name the system knows a user
 *
 * In a user namespace, all users whom it has no number for have one together,
 * the overflow uid, which is mostly that of somebody with a name, nobody. That
 * is no person.
 */
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "login.h"

#define OVERFLOW	65534		/* where nobody tells what it is */
#define MAP_LINE	128		/* a line of the system has 34 */
#define EVERYBODY	4294967295U	/* that many there can be */

/* The last number of each line of a file, added up; 0 if it can't be read. */
static uint64_t
add_up(const char *path)
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

/* The system's can be hidden, as it is from a service, and changed. */
static bool
is_overflow(uid_t uid)
{
	return uid == OVERFLOW || (uid != 0 &&
	    uid == add_up("/proc/sys/kernel/overflowuid"));
}

/* Whether all users have numbers of their own here. If one of those is the
 * overflow uid, it still stands for the others as well. */
static bool
is_everybody_mapped(void)
{
	return add_up("/proc/self/uid_map") >= EVERYBODY;
}

const char *
login_name(uid_t uid)
{
	const struct passwd *pw;

	if (uid == (uid_t)-1 || (is_overflow(uid) && !is_everybody_mapped()))
		return NULL;
	pw = getpwuid(uid);
	return pw == NULL ? NULL : pw->pw_name;
}
