/*
 * Voices: what our clients say to the log, and ask of it
 *
 * Only a room that shares a log calls these functions; see member.h for when.
 */
#ifndef VOICE_H
#define VOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct hello;
struct server;

/* How many bytes of lines can be said now, all together. */
size_t	 voice_space(const struct server *s);

/*
 * A client has said lines, after n that were settled before. There has to be
 * space. Returns false if memory is short.
 */
bool	 voice_say(struct server *s, struct client *c, uint64_t n,
	    const char *lines, size_t len, size_t nlines);

/* With the refused ones, a client has said n lines by now. Returns as above. */
bool	 voice_count(struct server *s, struct client *c, uint64_t n);

/*
 * A client has given this role. Returns whether the answer has to wait until
 * voice_ready() returns the client. It may have been dismissed instead.
 */
bool	 voice_greet(struct server *s, struct client *c, const struct hello *h);

/*
 * A client whose role can be answered now, as it is in c->speaker->hello; its
 * session, if it has one, is connected. It may be leaving by now. Returns NULL
 * if there is no other. Call it when everything is committed.
 */
struct client	*voice_ready(struct server *s);

/* Claim the sessions that there was no space for, as many as there is. */
void	 voice_claim(struct server *s);

/* Whether a client waits to know where the log ends, and nobody has asked since
 * it came. */
bool	 voice_asks(const struct server *s);

/* The log's end, which was asked for, is there. */
void	 voice_answer(struct server *s, uint64_t end);

/* The log is out of reach: end the connections of all who gave a role. */
void	 voice_cut_off(struct server *s);

/* A client leaves. What it has said still goes out. */
void	 voice_leave(struct server *s, struct client *c);

/* An upgrade hands the room over: those whose clients all stay behind have
 * gone, as nobody else will say. */
void	 voice_hand_over(struct server *s);

/* Clients that were to be back by now have not come: their sessions end. */
void	 voice_release(struct server *s);

/* The first client of a person has come, or the last one has gone. */
void	 voice_here(struct server *s, const char *name);
void	 voice_gone(struct server *s, const char *name);

/* Repeat for another node who is here. */
void	 voice_repeat(struct server *s);

#endif
