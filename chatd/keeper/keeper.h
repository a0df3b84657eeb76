/*
 * The keeper: the process that users know, which never reads from the network
 *
 * It starts the room as its child and keeps the ways open that the room is not
 * to have: files, login names, other programs. It lives as long as the room.
 */
#ifndef KEEPER_H
#define KEEPER_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

struct listeners;
struct message;

struct keeper {
	char		**argv;		/* to be executed anew with */
	const char	*keys;		/* path of their file, or NULL */
	struct listeners *listeners;	/* borrowed: only their files */
	pid_t		 room;
	int		 channel;	/* to it */
	int		 signals;	/* to poll for signals */
	bool		 ready;		/* clients can connect */
	bool		 closing;
	int64_t		 kill_at;	/* the room, if it hasn't ended */
};

/*
 * Start the room's process, with channel being each one's end. Returns true in
 * the room, which ends when the keeper does. Errors end the program.
 */
bool	 keeper_fork(struct keeper *k);

/* Do what signals and the room ask for until that ends. Returns the status to
 * exit with. */
int	 keeper_run(struct keeper *k);

/* Answer a message if it is a question that can come at any time. */
bool	 keeper_answer(struct keeper *k, const struct message *m);

#endif
