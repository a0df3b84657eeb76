/*
 * Grpc: calls to a member of etcd, over one HTTP/2 connection
 */
#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "grpc.h"
#include "pollfd.h"
#include "wire.h"

#define OUT_SIZE	(20 * 1024)	/* holds any frame that we send */
#define CONNECTION_WINDOW (4 * 1024 * 1024) /* bytes; all streams have room */

struct grpc {
	struct wire	 wire;
	nghttp2_session	*session;
	struct grpc_call *calls;
	char		 host[260];
	const char	*scheme;
	int64_t		 heard;
	uint8_t		 out[OUT_SIZE];	/* frames that wire hasn't taken */
	size_t		 outlen;
	const uint8_t	*frame;		/* what did not fit behind them */
	size_t		 framelen;
	char		 why[GRPC_WHY_SIZE]; /* "": it goes on */
};

/* The first reason counts. */
static void
fail(struct grpc *g, const char *why)
{
	if (g->why[0] == '\0')
		(void)snprintf(g->why, sizeof(g->why), "%s", why);
}

static void
call_unlink(struct grpc *g, struct grpc_call *c)
{
	struct grpc_call **p;

	for (p = &g->calls; *p != NULL; p = &(*p)->next) {
		if (*p == c) {
			*p = c->next;
			return;
		}
	}
}

/* What goes out of a call's message. A stream never ends by itself on our side:
 * etcd would end it on its own. */
static ssize_t
read_message(nghttp2_session *session, int32_t stream, uint8_t *buf,
    size_t size, uint32_t *flags, nghttp2_data_source *source, void *arg)
{
	struct grpc_call *c = source->ptr;
	size_t n = call_send(c, buf, size);

	(void)session;
	(void)stream;
	(void)arg;
	if (n == 0)
		return NGHTTP2_ERR_DEFERRED;
	if (call_is_sent(c) && !call_is_stream(c))
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame,
    const uint8_t *name, size_t namelen, const uint8_t *value, size_t len,
    uint8_t flags, void *arg)
{
	struct grpc_call *c = nghttp2_session_get_stream_user_data(session,
	    frame->hd.stream_id);

	(void)namelen;
	(void)flags;
	(void)arg;
	/* nghttp2 ends names with a NUL. */
	if (c != NULL)
		call_header(c, (const char *)name, value, len);
	return 0;
}

static int
on_data(nghttp2_session *session, uint8_t flags, int32_t stream,
    const uint8_t *data, size_t len, void *arg)
{
	struct grpc_call *c = nghttp2_session_get_stream_user_data(session,
	    stream);
	struct grpc *g = arg;
	const char *wrong;

	(void)flags;
	(void)nghttp2_session_consume_connection(session, len);
	if (c == NULL || c->reader == NULL)
		return 0;
	if (call_is_stream(c))
		c->held += len;
	else
		(void)nghttp2_session_consume_stream(session, stream, len);
	wrong = call_take(c, data, len);
	if (wrong == NULL)
		return 0;
	fail(g, wrong);
	return NGHTTP2_ERR_CALLBACK_FAILURE;
}

/* The call is over, whatever way. */
static int
on_close(nghttp2_session *session, int32_t stream, uint32_t error, void *arg)
{
	struct grpc_call *c = nghttp2_session_get_stream_user_data(session,
	    stream);
	struct grpc *g = arg;

	if (c == NULL)
		return 0;
	call_unlink(g, c);
	call_end(c, nghttp2_http2_strerror(error));
	call_free(c);
	return 0;
}

static int
on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	char why[GRPC_WHY_SIZE];

	(void)session;
	if (frame->hd.type != NGHTTP2_GOAWAY)
		return 0;
	(void)snprintf(why, sizeof(why), "it ends the connection: %.*s",
	    (int)frame->goaway.opaque_data_len, frame->goaway.opaque_data_len ==
	    0 ? "" : (const char *)frame->goaway.opaque_data);
	if (frame->goaway.opaque_data_len == 0)
		(void)snprintf(why, sizeof(why), "it ends the connection: %s",
		    nghttp2_http2_strerror(frame->goaway.error_code));
	fail(arg, why);
	return 0;
}

static int
session_new(struct grpc *g)
{
	nghttp2_session_callbacks *callbacks = NULL;
	nghttp2_option *option = NULL;
	int status = -1;

	if (nghttp2_session_callbacks_new(&callbacks) != 0 ||
	    nghttp2_option_new(&option) != 0)
		goto end;
	nghttp2_option_set_no_auto_window_update(option, 1);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks,
	    on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks,
	    on_close);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks,
	    on_frame);
	status = nghttp2_session_client_new2(&g->session, callbacks, g, option);
end:
	nghttp2_session_callbacks_del(callbacks);
	nghttp2_option_del(option);
	return status;
}

static int
greet(struct grpc *g)
{
	static const nghttp2_settings_entry settings[] = {
		{ NGHTTP2_SETTINGS_ENABLE_PUSH, 0 },
		{ NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, GRPC_WINDOW }
	};

	return nghttp2_submit_settings(g->session, NGHTTP2_FLAG_NONE, settings,
	    sizeof(settings) / sizeof(settings[0])) != 0 ||
	    nghttp2_session_set_local_window_size(g->session,
	    NGHTTP2_FLAG_NONE, 0, CONNECTION_WINDOW) != 0 ? -1 : 0;
}

struct grpc *
grpc_new(int fd, struct ssl_ctx_st *context, const char *host)
{
	struct grpc *g = calloc(1, sizeof(*g));
	struct wire w;

	if (wire_open(&w, fd, context, host) == -1) {
		free(g);
		return NULL;
	}
	if (g == NULL) {
		wire_close(&w);
		return NULL;
	}
	g->wire = w;
	g->scheme = context == NULL ? "http" : "https";
	g->heard = clock_now();
	(void)snprintf(g->host, sizeof(g->host),
	    strchr(host, ':') == NULL ? "%s" : "[%s]", host);
	if (session_new(g) == 0 && greet(g) == 0)
		return g;
	grpc_free(g);
	return NULL;
}

void
grpc_free(struct grpc *g)
{
	struct grpc_call *c;

	if (g == NULL)
		return;
	nghttp2_session_del(g->session);
	while ((c = g->calls) != NULL) {
		g->calls = c->next;
		call_free(c);
	}
	wire_close(&g->wire);
	free(g);
}

static nghttp2_nv
header(const char *name, const char *value)
{
	nghttp2_nv nv = { (uint8_t *)(uintptr_t)name,
		(uint8_t *)(uintptr_t)value, strlen(name), strlen(value),
		NGHTTP2_NV_FLAG_NO_COPY_NAME };

	return nv;
}

static int32_t
submit(struct grpc *g, const char *path, bool leader, struct grpc_call *c)
{
	nghttp2_data_provider data = { { .ptr = c }, read_message };
	nghttp2_nv headers[] = {
		header(":method", "POST"), header(":scheme", g->scheme),
		header(":path", path), header(":authority", g->host),
		header("te", "trailers"),
		header("content-type", "application/grpc"),
		header("hasleader", "true")
	};
	size_t n = sizeof(headers) / sizeof(headers[0]);

	return nghttp2_submit_request(g->session, NULL, headers,
	    leader ? n : n - 1, &data, c);
}

struct grpc_call *
grpc_call(struct grpc *g, const char *path, struct pb *m, bool leader,
    const struct grpc_reader *reader, void *arg)
{
	struct grpc_call *c = m->failed ? NULL : call_new(m, reader, arg);

	pb_free(m);
	if (c == NULL) {
		fail(g, "there is no memory");
		return NULL;
	}
	c->stream = submit(g, path, leader, c);
	if (c->stream < 0) {
		fail(g, nghttp2_strerror(c->stream));
		call_free(c);
		return NULL;
	}
	c->next = g->calls;
	g->calls = c;
	return c;
}

void
grpc_drop(struct grpc *g, struct grpc_call *c)
{
	c->reader = NULL;
	if (nghttp2_submit_rst_stream(g->session, NGHTTP2_FLAG_NONE, c->stream,
	    NGHTTP2_CANCEL) != 0)
		fail(g, "there is no memory");
}

void
grpc_release(struct grpc *g, struct grpc_call *c)
{
	if (c->held == 0)
		return;
	(void)nghttp2_session_consume_stream(g->session, c->stream, c->held);
	c->held = 0;
}

void
grpc_poll(struct grpc *g, struct pollfd *pfd)
{
	bool waits = g->wire.blocked || (!g->wire.shaking &&
	    nghttp2_session_want_write(g->session));

	pollfd_set(pfd, g->wire.fd, (short)(g->wire.events |
	    (waits ? POLLOUT : 0)));
}

static void
read_all(struct grpc *g)
{
	static uint8_t buf[32 * 1024];
	ssize_t n, used;

	while (g->why[0] == '\0' &&
	    (n = wire_read(&g->wire, buf, sizeof(buf))) != 0) {
		if (n == -1) {
			fail(g, g->wire.why);
			return;
		}
		g->heard = clock_now();
		used = nghttp2_session_mem_recv(g->session, buf, (size_t)n);
		if (used < 0)
			fail(g, nghttp2_strerror((int)used));
	}
}

/* Gather frames, so that small ones go out together. Returns whether there is
 * something to write. */
static bool
gather(struct grpc *g)
{
	ssize_t n;

	for (;;) {
		if (g->framelen == 0) {
			n = nghttp2_session_mem_send(g->session, &g->frame);
			if (n <= 0) {
				if (n < 0)
					fail(g, nghttp2_strerror((int)n));
				return g->outlen > 0;
			}
			g->framelen = (size_t)n;
		}
		if (g->framelen > sizeof(g->out) - g->outlen)
			return true;
		memcpy(g->out + g->outlen, g->frame, g->framelen);
		g->outlen += g->framelen;
		g->framelen = 0;
	}
}

static void
write_all(struct grpc *g)
{
	ssize_t n;

	while (g->why[0] == '\0' && gather(g)) {
		n = wire_write(&g->wire, g->out, g->outlen);
		if (n == -1)
			fail(g, g->wire.why);
		if (n <= 0)
			return;
		g->outlen -= (size_t)n;
		memmove(g->out, g->out + n, g->outlen);
		if (g->outlen > 0)
			return;
	}
}

void
grpc_ready(struct grpc *g, bool readable)
{
	if (readable)
		read_all(g);
	write_all(g);
}

const char *
grpc_why(const struct grpc *g)
{
	return g->why[0] == '\0' ? NULL : g->why;
}

int64_t
grpc_heard(const struct grpc *g)
{
	return g->heard;
}
