/*
 * Again: what was opened as root, and is to be opened later as somebody else
 */
#ifndef REOPEN_H
#define REOPEN_H

struct passwd;

/*
 * See in a process of its own, which becomes that user, what can be opened and
 * executed again. Without the file of keys, which SIGHUP has read and which may
 * be NULL, a key that is taken away would stay good: that ends the program.
 * Without its program, which is looked up as execvp(3) does it, only SIGUSR2
 * won't do: the log says so.
 */
void	 reopen_check(const struct passwd *pw, const char *keys,
	    const char *program);

#endif
