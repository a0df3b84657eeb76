/*
 * Call: a message to a member of etcd, and what it answers, as gRPC frames them
 */
#ifndef CALL_H
#define CALL_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pb.h"

#define GRPC_ANSWER_MAX	(64 * 1024)	/* bytes of an answer */
#define GRPC_WHY_SIZE	256		/* bytes, for any reason */
#define CALL_HEAD	5		/* bytes before a message: a flag and a
					   length */

enum {					/* statuses of calls */
	GRPC_OK = 0,
	GRPC_RESOURCE_EXHAUSTED = 8,
	GRPC_OUT_OF_RANGE = 11
};

struct grpc_reader {
	/*
	 * A piece of a message of a stream, after which left bytes of the
	 * message are to come; NULL if the answer is one message. Returns NULL,
	 * or what is wrong, which ends the connection.
	 */
	const char	*(*piece)(void *arg, const uint8_t *data, size_t len,
			    size_t left);
	/*
	 * The call is over: with status 0, and the answer of len bytes, or
	 * another status and why. All of it is valid until the function
	 * returns. A stream has no answer.
	 */
	void		 (*done)(void *arg, int status, const char *why,
			    const uint8_t *answer, size_t len);
};

struct grpc_call {
	struct grpc_call *next;		/* grpc.c has these three */
	int32_t		 stream;
	size_t		 held;		/* bytes that were not released */
	const struct grpc_reader *reader; /* NULL: nothing is wanted any more */
	void		*arg;
	uint8_t		*out;		/* the message with its head */
	size_t		 outlen;
	size_t		 sent;
	uint8_t		 head[CALL_HEAD]; /* of the message that comes */
	size_t		 headlen;
	size_t		 left;		/* bytes of it that are to come */
	uint8_t		*answer;
	size_t		 len;
	int		 http;		/* status, or 0 */
	int		 status;	/* of gRPC, or -1 */
	char		 why[GRPC_WHY_SIZE]; /* if that isn't 0 */
};

/* Make a call of message m. The reader has to live as long as the call. Returns
 * NULL if memory is short. */
struct grpc_call	*call_new(const struct pb *m,
			    const struct grpc_reader *reader, void *arg);
void	 call_free(struct grpc_call *c);

/* Whether it takes a stream of messages. */
bool	 call_is_stream(const struct grpc_call *c);

/* Take up to size bytes that are to be sent to buf. Returns how many, 0 if all
 * have been taken. */
size_t	 call_send(struct grpc_call *c, uint8_t *buf, size_t size);
bool	 call_is_sent(const struct grpc_call *c);

/* A header or a trailer of the answer. */
void	 call_header(struct grpc_call *c, const char *name,
	    const uint8_t *value, size_t len);

/* Some bytes of the answer. Returns NULL, or what is wrong. */
const char	*call_take(struct grpc_call *c, const uint8_t *data,
		    size_t len);

/* The answer ends, or breaks off for that reason: tell the reader. */
void	 call_end(struct grpc_call *c, const char *reason);

#endif
