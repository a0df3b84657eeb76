/*
 * link - a client outlives a hostile room
 *
 * The room says what the input says, in pieces, whatever the client says. The
 * first byte is the role and how many lines the client sends; the second is
 * the size of the pieces; the rest is the stream.
 */
#include <sys/socket.h>

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "client/link_private.h"
#include "clock.h"
#include "fuzz.h"
#include "line.h"
#include "show.h"
#include "text.h"

/* What a reader may rely on. */
static void
lines(void *arg, const char *s, size_t len)
{
	const struct link *l = arg;
	const char *lf;
	size_t i;

	MUST(l->answered && (l->hello.role & ROLE_RECV) != 0);
	MUST(len > 0 && len <= LINK_READ + MESSAGE_SIZE && s[len - 1] == '\n');
	for (i = 0; i < len; i = (size_t)(lf - s) + 1) {
		MUST(s[i] != CTL_MARK);
		lf = memchr(s + i, '\n', len - i);
		MUST((size_t)(lf - (s + i)) < MESSAGE_SIZE);
	}
}

static void
notice(void *arg, const struct notice *n)
{
	const struct link *l = arg;

	MUST(n->kind != NOTICE_BYE && n->textlen < LINE_SIZE);
	if (n->kind == NOTICE_ERROR && n->n > l->queue.settled)
		(void)sendq_input(&l->queue, n->n);
}

static const struct link_reader reader = { .lines = lines, .notice = notice };

/* As link_open() does it, but to a socket that is there. */
static struct link *
open_on(int fd, enum role role)
{
	static const struct addr_list nowhere = { .name = "", .n = 1,
	    .at = { { .name = "", .local = true } } };
	struct hello hello = { .role = role };
	struct link *l = link_new(&nowhere, NULL, &hello, &reader, NULL);

	MUST(l != NULL && conn_init(&l->conn, fd) == 0);
	l->arg = l;
	l->reading = true;
	l->greetlen = hello_format(l->greeting, &l->hello);
	l->answer_by = CLOCK_NEVER;
	l->state = LINK_UP;
	return l;
}

static void
finish(struct link *l, int room)
{
	struct text_fault f;
	char sink[1024];

	/* A socket closed with bytes unread is reset: that's not the end. */
	MUST(recv(room, sink, sizeof(sink), MSG_DONTWAIT) > 0);
	close(room);
	while (link_ready(l, POLLIN))
		MUST(l->in.end - l->in.start < MESSAGE_SIZE);
	MUST(l->state == LINK_OVER && l->queue.acked <= l->queue.sent);
	MUST(l->queue.settled <= l->queue.lines);
	if (link_why(l) != NULL)
		MUST(text_check(link_why(l), strlen(link_why(l)), &f));
	else
		MUST(l->shut && l->queue.settled == l->queue.lines);
	link_free(l);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	show_locale();
	return signal(SIGPIPE, SIG_IGN) == SIG_ERR;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char stream[STREAM_MAX];
	size_t len, fed = 0, n, i;
	struct link *l;
	int pair[2];

	if (size < 2)
		return 0;
	len = fuzz_stream(stream, data + 2, size - 2);
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	l = open_on(pair[0], (enum role)(1 + data[0] % 3));
	for (i = 0; i < data[0] / 4 && (l->hello.role & ROLE_SEND) != 0; i++)
		MUST(link_say(l, "y", 1, i + i / 7 + 1));
	link_finish(l);
	MUST(link_ready(l, POLLOUT));
	while (fed < len && l->state != LINK_OVER) {
		/* Hundreds of pieces do: more only take longer. */
		n = (size_t)data[1] * data[1] / 8 + 1 + len / 512;
		n = n < len - fed ? n : len - fed;
		MUST(write(pair[1], stream + fed, n) == (ssize_t)n);
		fed += n;
		(void)link_ready(l, POLLIN);
	}
	finish(l, pair[1]);
	return 0;
}
