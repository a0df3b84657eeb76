/*
 * The helper of a log: starting it, and starting it anew
 *
 * With -L the keeper runs a command that reaches the log which the room is kept
 * together by. chat-log(7) describes what it says to the room process. That is
 * between the two: the keeper makes a socket for them, and looks after the
 * process. The helper has a process group of its own, with all that it starts,
 * and no part of that outlives it, or the keeper.
 *
 * Each helper is told from the others by a number, its pid.
 */
#ifndef HELPER_H
#define HELPER_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

/* All zeros but for command and node, a helper is due to be started. Times are
 * milliseconds of clock_now(). */
struct helper {
	const char	*command;	/* for sh -c; NULL: start none */
	const char	*node;		/* the name of this node */
	pid_t		 pid;		/* also of its group; 0: none runs */
	bool		 look;		/* it may have ended: a child has */
	bool		 dismissed;	/* it is to end */
	bool		 reported;	/* that one has ended, and none has
					   lasted since */
	bool		 tried;		/* the first one has ended, lasted, or
					   been inherited */
	bool		 useless;	/* it has ended at once, for the command
					   is wrong: see helper_check() */
	int64_t		 started;	/* when that was */
	int64_t		 start_at;	/* when to start one, if none runs */
	int64_t		 pause;		/* from an end to the next start, or 0
					   for the shortest */
	int64_t		 end_at;	/* when to dismiss it, or, if it is
					   dismissed, to kill it */
};

/*
 * Do what is due: reap a helper that has ended, and say in the log how, end one
 * that doesn't by itself, start one, and send its socket through the channel in
 * a MESSAGE_LOG with its number. To be called at helper_due(); the caller sets
 * h->look when SIGCHLD has come. Pauses between one and the next grow from 0.1
 * to 5 seconds, until one has lasted for 5 seconds.
 *
 * If the very first one ends within that time with the status of a shell that
 * can't execute the command (126), or doesn't find it (127), or of wrong usage
 * (2), none is started anew, and h->useless is set: so whoever has just typed
 * the command is told. Later, when people talk, it's better to try again.
 */
void	 helper_check(struct helper *h, int channel);

/* When helper_check() has something to do, 0 for now; CLOCK_NEVER if there's
 * nothing before a process ends. */
int64_t	 helper_due(const struct helper *h);

/*
 * The room process wants another helper than the one with that number, which
 * gets SIGTERM, and SIGKILL after 2 seconds. Does nothing if it runs no more.
 */
void	 helper_dismiss(struct helper *h, uint64_t number);

/*
 * The helper with that number has closed its socket. As a rule that is its end;
 * if it still runs after 1 second, helper_check() says so in the log, and
 * dismisses it.
 */
void	 helper_closed(struct helper *h, uint64_t number);

/*
 * Go on with a helper that is a child of this process from before an execve(2);
 * command and node stay those of h.
 */
void	 helper_inherit(struct helper *h, const struct helper *from);

/*
 * The room process, which had the other end of its socket, has ended: wait for
 * the helper, 1 second at most, and kill what is left. signals_open() has been
 * called, and SIGCHLD is caught; other signals are dropped. signals is the
 * descriptor that becomes readable when one comes.
 */
void	 helper_end(struct helper *h, int signals);

#endif
