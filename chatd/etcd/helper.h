/*
 * Helper: all that chat-etcd knows
 *
 * One key of etcd is the whole log. Its version 1 is a header, which makes it a
 * log; each put after that is an entry, at the position that is the version
 * less 1. The TOKEN of an entry is its revision. Beside it are, with the same
 * beginning, a key that tells this log from all others, and one for each node
 * with what that has kept.
 *
 * Each part has functions that act if it is time to (step), say when that is
 * next (deadline), and forget what belongs to a connection (reset).
 */
#ifndef HELPER_H
#define HELPER_H

#include "endpoints.h"
#include "events.h"
#include "grpc.h"
#include "kv.h"
#include "marks.h"
#include "room.h"
#include "word.h"

#define HELPER_NAME_MAX	64		/* characters of a log's name */
#define HELPER_NODE_MAX	32		/* and of a node's */
#define HELPER_KEY_SIZE	128		/* bytes, for any key */
#define HELPER_WAIT_MS	1000		/* for any answer, until another member
					   is asked */

enum phase {
	PHASE_DOWN,			/* to be connected */
	PHASE_DIALLING,
	PHASE_OPENING,			/* finding out about the log */
	PHASE_OPEN,			/* entries come */
	PHASE_OVER			/* nothing follows */
};

/* A call that isn't answered yet. */
struct question {
	struct grpc_call *call;		/* NULL: there is none */
	int64_t		 since;		/* by clock_now() */
};

enum put_state {
	PUT_NONE,
	PUT_WAITING,			/* to be sent */
	PUT_SENT,
	PUT_TAKEN			/* etcd has it, we haven't seen it */
};

struct helper {
	/* What was asked for. */
	bool		 verbose;
	char		 log_key[HELPER_KEY_SIZE];
	char		 ident_key[HELPER_KEY_SIZE];
	char		 keeps_key[HELPER_KEY_SIZE]; /* what all keeps have */
	char		 keep_key[HELPER_KEY_SIZE];
	uint64_t	 least;		/* bytes of the log to keep */
	uint64_t	 most;		/* over which nobody is waited for */
	struct ssl_ctx_st *context;	/* NULL: without TLS */

	struct room	 room;
	struct endpoints endpoints;
	struct grpc	*grpc;		/* NULL: there is no connection */
	enum phase	 phase;
	int64_t		 since;		/* in this phase, by clock_now() */
	char		 failure[GRPC_WHY_SIZE]; /* this connection is to end;
					   "": it goes on */
	struct kv_response response;	/* the last one that was parsed */

	/* The log. */
	bool		 asked;		/* the room has said "from" */
	uint64_t	 pos;		/* delivered last */
	uint64_t	 token;		/* of that */
	char		 ident[TOKEN_MAX + 1]; /* "": not known yet */
	uint64_t	 created;	/* revision of the header */
	uint64_t	 newest;	/* revision when the connection began */
	uint64_t	 target;	/* revision that has to be delivered */
	int64_t		 moved;		/* when that came nearer */

	struct {
		struct question	 q;
		struct events	 probe;
		uint64_t	 oldest; /* position */
		uint64_t	 compacted; /* up to this revision; 0: not */
		uint64_t	 newest; /* position */
	} open;
	struct {
		struct question	 q;
		struct events	 events;
	} watch;
	struct {
		enum put_state	 state;
		struct question	 q;
		char		*data;
		size_t		 len;
		bool		 tried;	/* it may be in the log already */
	} put;
	struct {
		bool		 asked;
		struct question	 q;
	} end;
	struct question	 probe;
	struct {
		struct question	 q;
		uint64_t	 pos;	/* UINT64_MAX: not told yet */
		uint64_t	 token;
		uint64_t	 writing; /* positions */
		uint64_t	 written;
		int64_t		 next;	/* when to write again */
		struct marks	 marks;
		uint64_t	 considered; /* bytes */
		uint64_t	 compacted; /* revision */
	} keep;
	struct {
		bool		 wanted;
		struct question	 q;
		uint64_t	 limit;	/* revision that is removed up to */
		size_t		 disarmed;
		uint64_t	 alarms[KV_FOUND_MAX];
		size_t		 nalarms;
	} space;
	struct {
		bool		 asked;	/* on this connection */
		struct question	 q;
		uint64_t	 term;	/* for which it was */
		bool		 leaderless; /* the answer to it */
		char		 said[LOGLINE_SIZE]; /* "": nothing yet */
	} place;
	struct {
		bool		 stuck;	/* as was said */
		int64_t		 made;	/* last, by clock_now() */
		char		 reason[GRPC_WHY_SIZE + ADDR_HOST_SIZE];
	} progress;
};

/* This connection is of no use: the loop goes on to the next endpoint. The
 * first reason counts. */
void	 helper_fail(struct helper *h, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* Begin a call, and note when; see grpc_call(). */
void	 helper_ask(struct helper *h, struct question *q, const char *path,
	    struct pb *m, const struct grpc_reader *reader);

/* Of a question, nothing is wanted any more. */
void	 helper_drop(struct helper *h, struct question *q);

/*
 * Parse an answer into h->response, and end the question. If it is none, the
 * connection fails, with what was asked for as the reason. Returns whether it
 * is one.
 */
bool	 helper_answered(struct helper *h, struct question *q, const char *what,
	    int status, const char *why, const uint8_t *answer, size_t len);

/*
 * How long to wait for what else would take ms. For a watch that begins far
 * back, etcd reads all that has come since, again and again, and answers
 * nothing meanwhile: whoever then gave up would never get any further.
 */
int64_t	 helper_patience(const struct helper *h, int64_t ms);

/* Fail if the question has waited for longer than ms, or that patience. */
void	 helper_limit(struct helper *h, const struct question *q,
	    const char *what, int64_t ms, int64_t now);

/* When it has, or CLOCK_NEVER if it isn't asked. */
int64_t	 helper_limit_at(const struct helper *h, const struct question *q,
	    int64_t ms);

/* The log has been seen to reach up to that revision. */
void	 helper_expect(struct helper *h, uint64_t revision);

/* Something goes on: see progress.h. */
void	 helper_progress(struct helper *h);

#endif
