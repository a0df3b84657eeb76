/*
 * chatd/keeper/helper.h: when a helper is started, and how it ends
 */
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "keeper/channel.h"
#include "keeper/helper.h"
#include "signals.h"
#include "unit.h"

#define WAIT_MS		20000		/* for anything that has to come */
#define LONG_MS		6000		/* that a helper works after */

/* Both ends of a channel, for one helper, and the pipe of signals. */
static struct helper h;
static int ends[2], wake;

static void
begin(const char *command)
{
	h.command = command;
	h.node = "paris";
	CHECK(channel_open(ends) == 0);
	wake = signals_open();
	CHECK(wake != -1 && signals_catch(SIGCHLD) == 0);
}

/* Wait for a signal; it can only be that a child has ended. */
static void
await_child(void)
{
	struct pollfd pfd = { .fd = wake, .events = POLLIN };
	int64_t deadline = clock_now() + WAIT_MS;

	while (poll(&pfd, 1, clock_timeout(deadline)) == -1 && errno == EINTR)
		;
	CHECK(signals_next() == SIGCHLD);
}

/* The helper's socket, from the message that tells of it. */
static int
receive(void)
{
	struct message m;

	CHECK(channel_receive(ends[1], &m) && m.kind == MESSAGE_LOG);
	CHECK(m.nfds == 1 && m.number == (uint64_t)h.pid);
	return m.fds[0];
}

/* One that ends at once; returns how long the next one has to wait. */
static int64_t
pause_after_one(void)
{
	int64_t before;

	h.start_at = 0;
	helper_check(&h, ends[0]);
	CHECK(h.pid > 1);
	(void)close(receive());
	await_child();
	before = clock_now();
	helper_check(&h, ends[0]);
	CHECK(h.pid == 0 && helper_due(&h) == h.start_at);
	CHECK(h.start_at <= clock_now() + 5000);
	return h.start_at - before;
}

static void
pauses(void)
{
	static const int64_t table[] = {
		100, 200, 400, 800, 1600, 3200, 5000, 5000
	};
	size_t i;

	begin("exit 1");
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		CHECK_IN(pause_after_one() >= table[i], "%zu", i);
	CHECK(h.pause == 5000 && h.reported);
	/* As if this one had begun so long ago. */
	h.start_at = 0;
	helper_check(&h, ends[0]);
	h.started = clock_now() - LONG_MS;
	await_child();
	helper_check(&h, ends[0]);
	CHECK(h.pause == 200);
	CHECK(h.start_at <= clock_now() + 100);
}

static void
waits(void)
{
	begin("exit 1");
	CHECK(helper_due(&h) == 0);
	(void)pause_after_one();
	h.start_at = clock_now() + WAIT_MS;
	helper_check(&h, ends[0]);
	CHECK(h.pid == 0 && helper_due(&h) == h.start_at);
}

static void
talks(void)
{
	char buf[64];
	ssize_t n;
	int fd;

	begin("read -r line && echo \"$CHATD_NODE $line\" && read -r line");
	helper_check(&h, ends[0]);
	fd = receive();
	CHECK(write(fd, "hello\n", 6) == 6);
	n = read(fd, buf, sizeof(buf));
	CHECK(n == 12 && memcmp(buf, "paris hello\n", 12) == 0);
	CHECK(helper_due(&h) == CLOCK_NEVER);
	/* It ends at the end of its input. */
	(void)close(fd);
	await_child();
	helper_check(&h, ends[0]);
	CHECK(h.pid == 0);
}

/* It says something once it can be told to end. */
static void
dismissed(void)
{
	char byte;
	int fd;

	begin("trap '' TERM; echo; while :; do sleep 1000; done");
	helper_check(&h, ends[0]);
	fd = receive();
	CHECK(read(fd, &byte, 1) == 1);
	helper_dismiss(&h, (uint64_t)h.pid + 1);
	CHECK(!h.dismissed && helper_due(&h) == CLOCK_NEVER);
	helper_dismiss(&h, (uint64_t)h.pid);
	CHECK(h.dismissed && helper_due(&h) == h.end_at);
	CHECK(h.end_at <= clock_now() + 2000);
	helper_check(&h, ends[0]);
	CHECK(h.pid != 0);
	h.end_at = 0;
	helper_check(&h, ends[0]);
	await_child();
	helper_check(&h, ends[0]);
	CHECK(h.pid == 0 && !h.reported);
	(void)close(fd);
}

static void
closed(void)
{
	begin("trap '' TERM; while :; do sleep 1000; done");
	helper_check(&h, ends[0]);
	(void)close(receive());
	helper_closed(&h, (uint64_t)h.pid + 1);
	CHECK(helper_due(&h) == CLOCK_NEVER);
	helper_closed(&h, (uint64_t)h.pid);
	CHECK(!h.dismissed && helper_due(&h) == h.end_at);
	CHECK(h.end_at <= clock_now() + 1000);
	helper_check(&h, ends[0]);
	CHECK(!h.dismissed && !h.reported);
	h.end_at = 0;
	helper_check(&h, ends[0]);
	CHECK(h.dismissed && h.reported && h.end_at > clock_now());
	/* That is no reason to wait longer for its end. */
	h.end_at = 0;
	helper_closed(&h, (uint64_t)h.pid);
	CHECK(helper_due(&h) == 0);
	helper_check(&h, ends[0]);
	await_child();
	helper_check(&h, ends[0]);
	CHECK(h.pid == 0);
}

static void
deaf_room(void)
{
	begin("exec sleep 1000");
	(void)signal(SIGPIPE, SIG_IGN);
	(void)close(ends[1]);
	helper_check(&h, ends[0]);
	CHECK(h.dismissed);
	await_child();
	helper_check(&h, ends[0]);
	CHECK(h.pid == 0);
}

static void
ends_with_all(void)
{
	char byte;
	pid_t pid;
	int fd;

	begin("trap '' TERM; sleep 1000 & echo; wait");
	helper_check(&h, ends[0]);
	fd = receive();
	CHECK(read(fd, &byte, 1) == 1);
	pid = h.pid;
	helper_end(&h, wake);
	CHECK(h.pid == 0);
	CHECK(waitpid(pid, NULL, 0) == -1 && errno == ECHILD);
	/* Nobody has the other end any more. */
	CHECK(read(fd, &byte, 1) <= 0);
	(void)close(fd);
}

static void
inherited(void)
{
	struct helper from;

	begin("exec sleep 1000");
	helper_check(&h, ends[0]);
	from = h;
	from.command = from.node = NULL;
	memset(&h, 0, sizeof(h));
	h.command = "exit 1";
	h.node = "rome";
	helper_inherit(&h, &from);
	CHECK_STR(h.command, "exit 1");
	CHECK_STR(h.node, "rome");
	CHECK(h.pid == from.pid);
	/* It may have ended while nobody looked. */
	CHECK(helper_due(&h) == 0);
	helper_check(&h, ends[0]);
	CHECK(h.pid == from.pid && helper_due(&h) == CLOCK_NEVER);
	(void)kill(h.pid, SIGKILL);
	await_child();
	helper_check(&h, ends[0]);
	CHECK(h.pid == 0);
	/* Without a command nobody starts another one. */
	h.command = NULL;
	h.start_at = 0;
	helper_check(&h, ends[0]);
	CHECK(h.pid == 0 && helper_due(&h) == CLOCK_NEVER);
}

const struct test helper_tests[] = {
	{ "pauses grow until one has lasted", pauses },
	{ "a pause is kept", waits },
	{ "it talks to the room through its socket", talks },
	{ "one that is dismissed is killed in the end", dismissed },
	{ "one that has closed its socket gets time to end", closed },
	{ "one that the room can't hear of is dismissed", deaf_room },
	{ "at the end all of it is killed", ends_with_all },
	{ "one that was inherited is looked after", inherited },
	{ NULL, NULL }
};
