/*
 * The keeper: the process outside the sandbox, parent of the room process
 *
 * chatd is two processes, for privilege separation. The room process parses
 * what strangers send, so it is the one that they might break into: its sandbox
 * forbids it to open files outside the store, to execute programs and to reach
 * the user database. A room still needs some of that while it runs. The keeper,
 * which never reads from the network, does it: it looks up login names, opens
 * the file of keys again on SIGHUP, removes the files of sockets, notifies the
 * service manager, runs the helper of a log, and executes a new program for an
 * upgrade.
 *
 * At first chatd was a single process, which executed the new program itself. A
 * sandbox rules that out: it would have to allow execve(2) and open(2), and a
 * seccomp filter would bind the new program as well. With a keeper, the pid
 * that users know stays, and each program starts a room process with a sandbox
 * of its own.
 */
#ifndef KEEPER_H
#define KEEPER_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "helper.h"

struct listeners;
struct message;

/* Why keeper_run() returns. */
enum keeper_event {
	KEEPER_ENDED,			/* the room process has; see status */
	KEEPER_UPGRADE			/* SIGUSR2 asks for an upgrade */
};

struct keeper {
	char		**argv;		/* our own, to execute again */
	const char	*keys;		/* path of the file of keys, or NULL */
	struct listeners *listeners;	/* borrowed, for the sockets' files */
	pid_t		 child;		/* the room process */
	int		 channel;	/* to the other process */
	struct helper	 helper;	/* of the log, if there is one */
	int		 signals;	/* readable when a signal has come */
	bool		 ready;		/* the room process can take orders */
	bool		 open;		/* clients can connect */
	bool		 closing;	/* at SIGTERM or SIGINT, or the child
					   ends by itself */
	int64_t		 kill_at;	/* of a child that hangs while closing:
					   milliseconds of clock_now() */
	int		 status;	/* exit status, after KEEPER_ENDED */
};

/*
 * Fork the room process, and give each process its end of the channel. The
 * parent catches signals from now on; the child ignores them, and the system
 * kills it when the parent ends (see sandbox_end_with()). Returns true in the
 * child. Exits with status 2 if the system refuses.
 */
bool	 keeper_fork(struct keeper *k);

/*
 * Tell the room process what signals ask for, and serve its requests. Returns
 * KEEPER_UPGRADE at each SIGUSR2; the caller upgrades, and calls this again if
 * the upgrade has failed. Returns KEEPER_ENDED when the room process has ended,
 * or when the helper of the log is useless. Then the files of the sockets are
 * removed, the channel is closed, nothing is left of the helper, and k->status
 * is the exit status of the room process, or 2 if it was killed.
 */
enum keeper_event keeper_run(struct keeper *k);

/*
 * Answer a request, or take a notice, that can come at any time, even between
 * the messages of an upgrade. Returns false if the message is nothing of that.
 */
bool	 keeper_answer(struct keeper *k, const struct message *m);

#endif
