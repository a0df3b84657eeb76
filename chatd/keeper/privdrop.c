/*
 * Dropping privileges: from root to the user of -u
 */
#include <sys/stat.h>
#include <sys/types.h>

#include <err.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "privdrop.h"

const struct passwd *
privdrop_lookup(const char *name)
{
	const struct passwd *pw;

	errno = 0;
	pw = getpwnam(name);
	if (pw == NULL && errno != 0)
		err(2, "-u %s", name);
	if (pw == NULL)
		errx(2, "-u %s: no such user%s", name,
		    name[strspn(name, "0123456789")] == '\0' ?
		    "; give a name, not a number" : "");
	if (geteuid() == pw->pw_uid && getuid() == pw->pw_uid)
		return NULL;
	if (geteuid() != 0)
		errx(2, "-u %s: only root can switch to another user", name);
	return pw;
}

void
privdrop_to(const struct passwd *pw)
{
	if (initgroups(pw->pw_name, pw->pw_gid) == -1 ||
	    setgid(pw->pw_gid) == -1 || setuid(pw->pw_uid) == -1)
		err(2, "-u %s", pw->pw_name);
	/* They are gone only if there is no way back. */
	if (setuid(0) != -1 || seteuid(0) != -1 || getuid() != pw->pw_uid ||
	    geteuid() != pw->pw_uid || getgid() != pw->pw_gid ||
	    getegid() != pw->pw_gid)
		errx(2, "-u %s: could not switch to that user", pw->pw_name);
}

int
privdrop_mkdir(const char *path, const struct passwd *pw)
{
	if (mkdir(path, 0700) == -1)
		return errno == EEXIST ? 0 : -1;
	return chown(path, pw->pw_uid, pw->pw_gid);
}
