/*
 * Call: a message to a member of etcd, and what it answers, as gRPC frames them
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"

struct grpc_call *
call_new(const struct pb *m, const struct grpc_reader *reader, void *arg)
{
	struct grpc_call *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->out = malloc(CALL_HEAD + m->len);
	if (c->out == NULL) {
		free(c);
		return NULL;
	}
	c->out[0] = 0;
	c->out[1] = (uint8_t)(m->len >> 24);
	c->out[2] = (uint8_t)(m->len >> 16);
	c->out[3] = (uint8_t)(m->len >> 8);
	c->out[4] = (uint8_t)m->len;
	if (m->len > 0)
		memcpy(c->out + CALL_HEAD, m->buf, m->len);
	c->outlen = CALL_HEAD + m->len;
	c->reader = reader;
	c->arg = arg;
	c->status = -1;
	return c;
}

void
call_free(struct grpc_call *c)
{
	free(c->out);
	free(c->answer);
	free(c);
}

bool
call_is_stream(const struct grpc_call *c)
{
	return c->reader != NULL && c->reader->piece != NULL;
}

size_t
call_send(struct grpc_call *c, uint8_t *buf, size_t size)
{
	size_t n = c->outlen - c->sent;

	if (n > size)
		n = size;
	if (n == 0)
		return 0;
	memcpy(buf, c->out + c->sent, n);
	c->sent += n;
	if (call_is_sent(c)) {
		free(c->out);
		c->out = NULL;
		c->outlen = c->sent = 0;
	}
	return n;
}

bool
call_is_sent(const struct grpc_call *c)
{
	return c->sent == c->outlen;
}

/* gRPC writes what isn't ASCII as %XX. */
static void
copy_reason(char *why, const uint8_t *s, size_t len)
{
	char hex[3] = "";
	size_t i, n = 0;

	for (i = 0; i < len && n < GRPC_WHY_SIZE - 1; i++) {
		if (s[i] == '%' && i + 2 < len) {
			memcpy(hex, s + i + 1, 2);
			why[n++] = (char)strtoul(hex, NULL, 16);
			i += 2;
		} else {
			why[n++] = (char)s[i];
		}
	}
	why[n] = '\0';
}

void
call_header(struct grpc_call *c, const char *name, const uint8_t *value,
    size_t len)
{
	char number[16] = "";

	/* A NUL may be in it, too. */
	memcpy(number, value, len < sizeof(number) ? len : sizeof(number) - 1);
	if (strcmp(name, ":status") == 0)
		c->http = (int)strtol(number, NULL, 10);
	else if (strcmp(name, "grpc-status") == 0)
		c->status = (int)strtol(number, NULL, 10);
	else if (strcmp(name, "grpc-message") == 0)
		copy_reason(c->why, value, len);
}

/* Some bytes of a message, without its head. Returns as a piece() does. */
static const char *
take_body(struct grpc_call *c, const uint8_t *data, size_t len)
{
	uint8_t *answer;

	if (c->reader->piece != NULL)
		return c->reader->piece(c->arg, data, len, c->left);
	if (c->len + len > GRPC_ANSWER_MAX)
		return "its answer is too long";
	answer = realloc(c->answer, c->len + len + 1);
	if (answer == NULL)
		return "there is no memory";
	c->answer = answer;
	memcpy(answer + c->len, data, len);
	c->len += len;
	return NULL;
}

/* The head is whole. */
static const char *
begin_message(struct grpc_call *c)
{
	if (c->head[0] != 0)
		return "its answer is compressed";
	c->left = (size_t)c->head[1] << 24 | (size_t)c->head[2] << 16 |
	    (size_t)c->head[3] << 8 | c->head[4];
	c->headlen = 0;
	if (c->left == 0)
		return take_body(c, c->head, 0);
	return NULL;
}

const char *
call_take(struct grpc_call *c, const uint8_t *data, size_t len)
{
	const char *wrong = NULL;
	size_t n;

	while (len > 0 && wrong == NULL && c->reader != NULL) {
		if (c->left > 0) {
			n = c->left < len ? c->left : len;
			c->left -= n;
			wrong = take_body(c, data, n);
		} else {
			n = CALL_HEAD - c->headlen;
			n = n < len ? n : len;
			memcpy(c->head + c->headlen, data, n);
			c->headlen += n;
			if (c->headlen == CALL_HEAD)
				wrong = begin_message(c);
		}
		data += n;
		len -= n;
	}
	return wrong;
}

/* Whether it is to have one message, and hasn't. */
static bool
is_incomplete(const struct grpc_call *c)
{
	return c->reader != NULL && c->reader->piece == NULL &&
	    (c->answer == NULL || c->left > 0 || c->headlen > 0);
}

void
call_end(struct grpc_call *c, const char *reason)
{
	if (c->status == GRPC_OK && is_incomplete(c)) {
		c->status = -1;
		(void)snprintf(c->why, sizeof(c->why),
		    "its answer is incomplete");
	} else if (c->status == -1 && c->http != 0 && c->http != 200)
		(void)snprintf(c->why, sizeof(c->why), "HTTP status %d",
		    c->http);
	else if (c->status == -1)
		(void)snprintf(c->why, sizeof(c->why), "it broke off: %s",
		    reason);
	if (c->reader != NULL)
		c->reader->done(c->arg, c->status, c->why, c->answer, c->len);
}
