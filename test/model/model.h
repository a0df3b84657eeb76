/*
 * The model: what chat(7) promises, held against a room that really runs
 *
 * A moment is a count of what this program has done and seen: what happened at
 * a lower moment happened before.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl.h"

#define NEVER	UINT64_MAX
#define SOH	"\001"

struct client;
struct slife;

/* A line of a client's that its LF has made whole. */
struct line {
	char		*text;		/* without CR and LF; NULL: refused */
	size_t		 len;
	struct client	*author;
	uint64_t	 said;		/* the moment of its LF */
	uint64_t	 known;		/* since then it is sure to be there */
	uint64_t	 number;	/* in the room, or 0 */
	size_t		 errors;	/* that the client is owed by then */
};

/* A room from its first line on, over restarts if it has a store. */
struct life {
	uint64_t	 first;		/* number of its first line, or 0 */
	struct line	**lines;	/* NULL: nobody has read it; what one
					   client repeats is the first */
	struct line	**exact;	/* of these: the very lines */
	int64_t		*times;		/* -1: nobody was told */
	size_t		 n;
	size_t		 allocated;
	bool		 whole;		/* all that was settled was read */
	struct life	*next;
};

/* One chatd, from its start to its end. */
struct run {
	struct life	*life;
	uint64_t	 ending;	/* the moment of the signal, or NEVER */
	bool		 killed;	/* that was SIGKILL */
	uint64_t	 end;		/* number of the next line then, or 0 */
};

/* What a session's token stands for, from its "new" on. */
struct slife {
	struct client	*last;		/* connected with it, or NULL */
	bool		 unsure;	/* who said what in it isn't known */
};

struct token {
	char		 name[TOKEN_MAX + 1];
	struct slife	*life;		/* NULL: never used in this room */
	struct client	*asking;	/* for it, and not answered */
	struct client	*first;		/* it speaks before it is answered */
	uint64_t	 left;		/* it wasn't before that moment, ... */
	uint64_t	 ended;		/* ... but perhaps after this one */
	bool		 unheard;	/* one wasn't answered since */
	unsigned	 clients;	/* with it in this life of the room */
};

enum heard_kind {
	HEARD_LINE,
	HEARD_AT,
	HEARD_LOST,			/* n is NEVER for "lost ?" */
	HEARD_TIME
};

struct heard {
	enum heard_kind	 kind;
	uint64_t	 n;		/* its number; 0 for a plain client */
	struct line	*line;
};

struct error_due {
	uint64_t	 line;		/* counted on this connection; 0 */
	char		 reason[128];
};

enum answer { ANSWER_NONE, ANSWER_YOU, ANSWER_OK, ANSWER_LOST, ANSWER_DONE };

struct client {
	unsigned	 id;
	int		 fd;		/* -1: it is over */
	struct run	*run;
	bool		 marks;		/* when it has said all, others wait */
	bool		 deaf;		/* it doesn't read now */
	bool		 cut;		/* closed or reset by us */

	/* What it says. */
	char		*out;		/* not written yet */
	size_t		 outlen;
	bool		 ends;		/* a half-close comes after that */
	uint64_t	 shut;		/* moment of the half-close, or NEVER */
	char		*part;		/* of a line, written */
	size_t		 partlen;
	unsigned	 texts;		/* made up for it */
	unsigned	 controls;	/* lines, written */
	bool		 spoke;
	bool		 web;		/* it has begun like a browser */
	bool		 listed;	/* it has asked who is here */
	struct line	**lines;	/* messages, refused ones too */
	size_t		 nlines;
	struct error_due *errors;	/* that it must be told, in order */
	size_t		 nerrors;

	/* What it is. */
	bool		 hello;		/* its role is written */
	uint64_t	 asked;		/* the moment of that */
	struct hello	 h;
	size_t		 hello_errors;	/* that are due before the answer */
	struct token	*token;
	struct slife	*slife;		/* once it was answered */
	uint64_t	 base;		/* lines of the session before it */
	bool		 left;		/* the session, as far as is known */

	/* What it hears. */
	char		*in;
	size_t		 inlen;
	bool		 inside;	/* it has surely joined */
	enum answer	 answer;
	uint64_t	 answered;	/* the moment of its "at" */
	uint64_t	 start;		/* the first number it was given */
	uint64_t	 next;		/* number of its next line; 0 */
	bool		 placed;	/* the last it heard was "at" */
	bool		 late;		/* or "time" */
	bool		 missed;	/* "lost" since its last line */
	int64_t		 time;		/* last told */
	size_t		 told;		/* errors */
	uint64_t	 ok;		/* lines settled, on this connection */
	uint64_t	 most;		/* of its lines in the room, or NEVER */
	bool		 bye;
	bool		 closed;	/* since the room is closing */
	bool		 eof;
	bool		 well;		/* after it had said all */
	struct heard	*heard;
	size_t		 nheard;
	size_t		 before;	/* of heard, those before the answer */
	size_t		 found;		/* of its lines, up to the last that is
					   in the room */
	const struct line *last;	/* that it has read */
	const struct line *marker;	/* the same, of a marker's */
	uint64_t	 marked;	/* ... and its number */
};

/* What the seed has made of the options. */
struct setting {
	bool		 store;
	bool		 prunes;	/* -t */
	bool		 local;		/* a Unix socket */
	bool		 named;		/* -i */
	bool		 ample;		/* nobody is too slow for the ring */
	unsigned	 sessions;	/* -r */
};

extern struct setting setting;
extern uint64_t moment;
extern struct client **clients;
extern size_t nclients;
extern struct life *lives;
extern struct run *run;
extern char me[];			/* the name of -i */

/* check.c: a promise is broken: say which, and what has come before. */
void	 broken(const struct client *c, const char *promise, const char *fmt,
	    ...) __attribute__((format(printf, 3, 4), noreturn));
void	 note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	*grown(void *p, size_t n, size_t size);	/* room for n + 1 */

/* room.c: the program, and its end. */
extern int room_log;			/* what it says; -1: nothing more */
void	 room_option(const char *option, const char *value);
void	 room_start(const char *program);
void	 room_signal(int sig);
int	 room_wait(void);		/* its status, as of waitpid(2) */
void	 room_hear(void);
void	 room_show_log(void);
int	 room_connect(int rcvbuf);
bool	 room_was_upgraded(void);

/* speech.c: what the page makes of a client's bytes. */
void	 speech_said(struct client *c, const char *buf, size_t len);
void	 speech_over(struct client *c);

/* truth.c: the lines that there are, and their numbers. */
void	 truth_add(struct line *l);
struct line *truth_find(const char *text, size_t len);
void	 truth_put(const struct client *c, struct life *f, uint64_t number,
	    struct line *l);
void	 truth_time(const struct client *c, struct life *f, uint64_t number,
	    int64_t time);
struct line *truth_at(const struct life *f, uint64_t number);
uint64_t truth_end(const struct life *f);
enum own { OWN_NO, OWN_YES, OWN_MAYBE };
enum own truth_own(const struct client *c, const struct line *l, bool plain);

/* hear.c: what a client hears is checked as far as that can be at once. */
void	 hear(struct client *c, const char *buf, size_t len);

/* client.c */
struct client *client_new(int rcvbuf);
void	 client_say(struct client *c, const char *buf, size_t len);
void	 client_write(struct client *c);
void	 client_read(struct client *c);
void	 client_close(struct client *c, bool reset);
bool	 client_sends(const struct client *c);
bool	 client_listens(const struct client *c);
bool	 client_owed(const struct client *c);
void	 pump(int timeout);

/* session.c: what is known of them. */
extern struct token tokens[];
extern unsigned ntokens;
void	 session_asks(struct client *c, struct token *t);
bool	 session_speaks(const struct token *t);
void	 session_answer(struct client *c, uint64_t n, bool begun);
void	 session_ended(struct client *c);
void	 session_synced(void);
void	 session_room_ends(void);

/* judge.c: what can be checked only at the end. */
void	 judge(void);

/* plan.c: operations that follow from the seed. */
unsigned chance(unsigned below);
void	 plan(uint64_t seed, unsigned operations, const char *program);

#endif
