/*
 * Reopening: whether the user of -u may open later what root can open now
 */
#ifndef REOPEN_H
#define REOPEN_H

struct passwd;

/*
 * Check that in a child that drops its privileges to the user. keys is the path
 * of the file of keys, or NULL. SIGHUP reads it again; if the user can't do
 * that, no key could be revoked, so this exits with status 2. program is looked
 * up as execvp(3) does it. If the user can't execute it, only upgrades fail, so
 * this logs the error.
 */
void	 reopen_check(const struct passwd *pw, const char *keys,
	    const char *program);

#endif
