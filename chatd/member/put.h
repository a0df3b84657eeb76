/*
 * Putting: what we say to the log, one entry at a time
 */
#ifndef PUT_H
#define PUT_H

struct server;

/* Put the next entry, if none is outstanding and there is anything to put: a
 * new epoch, what is in the outbox, or a sign of life. */
void	 put_next(struct server *s);

/* Put once more what is outstanding, to another helper. */
void	 put_again(struct server *s);

/* Ask for the log's end, if a client waits for it. */
void	 put_question(struct server *s);

/* Tell which entries are on disk for good, if there are more of them. */
void	 put_kept(struct server *s);

#endif
