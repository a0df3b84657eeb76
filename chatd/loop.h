/*
 * The loop: poll(2), and what follows from it, over and over
 *
 * Data flows one way, once around in every round:
 *
 *	poll -> read -> append to the ring -> store -> flush and acknowledge
 *
 * or, in a room that shares a log with others,
 *
 *	poll -> read -> outbox - - log - -> append to the ring -> store -> flush
 *
 * The order is what the promises rest on:
 *
 * - Everything is read before anything is stored, so one write and one sync
 *   serve all who spoke in this round.
 * - Everything is stored before anything is flushed, so nobody hears or gets
 *   acknowledged what a crash could take back.
 * - Everybody is flushed before patience looks at the ring, so only readers
 *   that had their chance in this round can be too slow.
 * - Clients are freed after that and accepted last, so in between an index
 *   among the clients is the same in the array that poll(2) has filled. The
 *   keeper is obeyed after all this.
 */
#ifndef LOOP_H
#define LOOP_H

struct config;
struct listeners;
struct ring;
struct server;

#define LOOP_UPGRADE	1
#define LOOP_FAILED	2

/* As server_init(), with a guard. Returns 0, or -1 with errno. */
int	 loop_init(struct server *s, const struct config *config,
	    struct ring *ring, struct listeners *listeners);

/* Disconnect everybody and free what belongs to the server. */
void	 loop_free(struct server *s);

/*
 * Serve until the keeper says to stop: returns 0 then, LOOP_UPGRADE when it
 * asks for a handover or a trial of it, LOOP_FAILED if it can't go on and has
 * logged why, and -1 with errno if poll(2) failed. After LOOP_UPGRADE it may be
 * called again to go on.
 */
int	 loop_run(struct server *s);

/*
 * One round: wait until there is something to do, for at most timeout
 * milliseconds as poll(2) takes them, and do it. Returns 0, or -1 with errno if
 * poll(2) failed.
 */
int	 loop_round(struct server *s, int timeout);

#endif
