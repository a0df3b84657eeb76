/*
 * The keeper: the process that users know, which never reads from the network
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "clock.h"
#include "listen/listener.h"
#include "keeper.h"
#include "key.h"
#include "log.h"
#include "login.h"
#include "notify.h"
#include "sandbox.h"
#include "signals.h"
#include "upgrade/upgrade.h"

enum { PFD_ROOM, PFD_SIGNALS, PFD_COUNT };

#define END_MS		5000		/* until it is to have closed */
#define ANSWER_SECONDS	10		/* to hear from it, or to tell it */

static const int caught[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 };

/* The keeper tells it what they mean: a terminal, or a service manager, sends
 * them to both. */
static void
ignore_signals(void)
{
	size_t i;

	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		(void)signal(caught[i], SIG_IGN);
	signals_close();
}

static void
catch_signals(struct keeper *k)
{
	size_t i;

	k->signals = signals_open();
	/* How a child has ended can't be known where SIGCHLD is ignored. */
	if (k->signals == -1 || signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		err(2, "signals");
	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++) {
		if (signals_catch(caught[i]) == -1)
			err(2, "signals");
	}
}

/* Nobody is to wait for a room that hangs without end. */
static void
limit_waiting(int channel)
{
	const struct timeval limit = { .tv_sec = ANSWER_SECONDS };

	if (setsockopt(channel, SOL_SOCKET, SO_RCVTIMEO, &limit,
	    sizeof(limit)) == -1 || setsockopt(channel, SOL_SOCKET,
	    SO_SNDTIMEO, &limit, sizeof(limit)) == -1)
		err(2, "setsockopt");
}

/* Who takes a key out of the file would wait for an effect. */
static void
tell_ignored(const struct keeper *k)
{
	if (k->keys != NULL && signals_ignored(SIGHUP))
		log_event("SIGHUP is ignored, as nohup(1) asks: %s will not be "
		    "read again", k->keys);
}

bool
keeper_fork(struct keeper *k)
{
	pid_t keeper = getpid();
	int ends[2];

	if (channel_open(ends) == -1)
		err(2, "socketpair");
	catch_signals(k);
	k->room = fork();
	if (k->room == -1)
		err(2, "fork");
	k->channel = ends[k->room == 0];
	(void)close(ends[k->room != 0]);
	if (k->room == 0) {
		ignore_signals();
		sandbox_end_with(keeper);
	} else {
		limit_waiting(k->channel);
		tell_ignored(k);
	}
	return k->room == 0;
}

bool
keeper_answer(struct keeper *k, const struct message *m)
{
	const char *name;

	if (m->kind != MESSAGE_ASK)
		return false;
	name = login_name((uid_t)m->number);
	/* If the room doesn't hear it, it has ended. */
	(void)channel_send_text(k->channel, MESSAGE_NAME, m->number,
	    name == NULL ? "" : name);
	return true;
}

/* What the room says. False if it has ended. */
static bool
hear(struct keeper *k)
{
	struct message m;

	if (!channel_receive(k->channel, &m))
		return false;
	if (m.kind == MESSAGE_READY && !k->ready) {
		k->ready = true;
		notify_state("READY=1");
	} else
		(void)keeper_answer(k, &m);
	channel_discard(&m);
	return true;
}

/* Have the keys read anew: the room can't open their file, nor look at what it
 * is. */
static void
reload(struct keeper *k)
{
	struct message m = { .kind = MESSAGE_KEYS, .nfds = 1 };
	char why[KEYS_WHY_SIZE];

	if (k->keys == NULL) {
		(void)channel_send_text(k->channel, MESSAGE_KEYS, 0, "");
		return;
	}
	m.fds[0] = key_open(k->keys, why);
	if (m.fds[0] == -1) {
		log_event("%s, the old keys stay", why);
		return;
	}
	(void)channel_send(k->channel, &m);
	channel_discard(&m);
}

/* What logs to a terminal goes with it. */
static bool
is_hung_up(int fd)
{
	struct pollfd pfd = { .fd = fd };
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	    poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLHUP) != 0;
}

/* Nobody is to find the way any more. The room does the rest. */
static void
stop(struct keeper *k)
{
	if (!k->closing) {
		listeners_close(k->listeners);
		notify_state("STOPPING=1");
		k->kill_at = clock_now() + END_MS;
	}
	k->closing = true;
	(void)channel_send_text(k->channel, MESSAGE_STOP, 0, "");
}

static void
take_signals(struct keeper *k)
{
	int signo;

	while ((signo = signals_next()) != 0) {
		if (signo == SIGUSR1)
			(void)channel_send_text(k->channel, MESSAGE_COUNT, 0, "");
		else if (signo == SIGHUP && !is_hung_up(STDERR_FILENO))
			reload(k);
		else if (signo == SIGUSR2)
			upgrade_run(k);
		else
			stop(k);
	}
}

/* The room has ended, or is to: it closes its end of the channel by that alone.
 * Returns the status that this means for us. */
static int
bury(struct keeper *k)
{
	int status = 0;

	(void)close(k->channel);
	(void)kill(k->room, SIGKILL);
	while (waitpid(k->room, &status, 0) == -1 && errno == EINTR)
		;
	listeners_close(k->listeners);
	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	log_event("the room was killed by signal %d (%s)", WTERMSIG(status),
	    strsignal(WTERMSIG(status)));
	return 2;
}

int
keeper_run(struct keeper *k)
{
	struct pollfd pfd[PFD_COUNT] = {
		[PFD_ROOM] = { .fd = k->channel, .events = POLLIN },
		[PFD_SIGNALS] = { .events = POLLIN }
	};

	for (;;) {
		/* Until the room can obey, signals wait. */
		pfd[PFD_SIGNALS].fd = k->ready ? k->signals : -1;
		pfd[PFD_ROOM].revents = pfd[PFD_SIGNALS].revents = 0;
		if (poll(pfd, PFD_COUNT, clock_timeout(k->closing ?
		    k->kill_at : CLOCK_NEVER)) == -1 && errno != EINTR &&
		    errno != EAGAIN) {
			log_event("poll: %s", strerror(errno));
			break;
		}
		if (k->closing && clock_now() >= k->kill_at)
			break;
		if (pfd[PFD_ROOM].revents != 0 && !hear(k))
			break;
		if (pfd[PFD_SIGNALS].revents != 0)
			take_signals(k);
	}
	return bury(k);
}
