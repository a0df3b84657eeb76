/*
 * The handshake of a link with a key
 *
 * The first byte of the room's answer shows whether it speaks TLS. A room that
 * has no keys, or admits nobody now, says so in plain text.
 */
#include <errno.h>

#include "clock.h"
#include "handshake.h"
#include "link_private.h"
#include "receive.h"

#define TLS_ALERT	0x15		/* the first byte of such a record */
#define TLS_HANDSHAKE	0x16

bool
handshake_begin(struct link *l)
{
	if (conn_secure(&l->conn, l->tls) == -1)
		return link_fail(l, "out of memory");
	l->answers = false;
	l->state = LINK_HANDSHAKE;
	l->handshake_by = clock_now() + HANDSHAKE_MS;
	return handshake_continue(l);
}

/* Find out from the first byte of the answer, once it is there, whether the
 * room speaks TLS. Returns 0, or -1 if memory is short. */
static int
peek_answer(struct link *l)
{
	int byte = conn_peek(&l->conn);

	l->answers = byte != -1 || (errno != EAGAIN && errno != EINTR);
	if (!l->answers)
		return 0;
	if (byte == -1 || byte == TLS_ALERT || byte == TLS_HANDSHAKE)
		return conn_start_reading(&l->conn);
	conn_plain(&l->conn);
	return 0;
}

bool
handshake_continue(struct link *l)
{
	if (clock_now() >= l->handshake_by)
		return link_cut(l, "no handshake within 5 seconds: the room "
		    "has no keys, or is not a chat room");
	if (!l->answers && peek_answer(l) == -1)
		return link_fail(l, "out of memory");
	if (l->conn.tls == NULL)
		return receive_plain(l);
	switch (conn_handshake(&l->conn)) {
	case TLS_GOES_ON:
		return true;
	case TLS_DONE:
		l->state = LINK_UP;
		return true;
	case TLS_CUT:
		return link_cut(l, conn_why(&l->conn));
	default:
		return link_reject(l, conn_why(&l->conn));
	}
}
