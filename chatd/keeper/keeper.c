/*
 * The keeper: the process outside the sandbox, parent of the room process
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
#include "helper.h"
#include "keeper.h"
#include "key.h"
#include "listen/listener.h"
#include "log.h"
#include "login.h"
#include "notify.h"
#include "sandbox.h"
#include "signals.h"

enum { PFD_CHILD, PFD_SIGNALS, PFD_COUNT };

#define CLOSE_MS	5000		/* for the child to close and exit */
#define ANSWER_SECONDS	10		/* for a message to or from it */

static const int caught[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 };

/* For the child: a terminal or a service manager signals both processes, and
 * the keeper passes on what is meant for both. */
static void
ignore_signals(void)
{
	size_t i;

	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		(void)signal(caught[i], SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL);
	signals_close();
}

static void
catch_keeper_signals(struct keeper *k)
{
	size_t i;

	k->signals = signals_open();
	/* waitpid(2) knows no exit status where SIGCHLD is ignored. An upgrade
	 * may lose one: helper_inherit() looks without. */
	if (k->signals == -1 || signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    signal(SIGCHLD, SIG_DFL) == SIG_ERR ||
	    signals_catch(SIGCHLD) == -1)
		err(2, "signals");
	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++) {
		if (signals_catch(caught[i]) == -1)
			err(2, "signals");
	}
}

/* A child that hangs must not hang the keeper. */
static void
set_timeouts(int channel)
{
	const struct timeval limit = { .tv_sec = ANSWER_SECONDS };

	if (setsockopt(channel, SOL_SOCKET, SO_RCVTIMEO, &limit,
	    sizeof(limit)) == -1 || setsockopt(channel, SOL_SOCKET,
	    SO_SNDTIMEO, &limit, sizeof(limit)) == -1)
		err(2, "setsockopt");
}

/* Somebody who removes a key and sends SIGHUP would think it revoked. */
static void
warn_ignored(const struct keeper *k)
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
	catch_keeper_signals(k);
	k->child = fork();
	if (k->child == -1)
		err(2, "fork");
	k->channel = ends[k->child == 0];
	(void)close(ends[k->child != 0]);
	if (k->child == 0) {
		ignore_signals();
		sandbox_end_with(keeper);
	} else {
		set_timeouts(k->channel);
		warn_ignored(k);
	}
	return k->child == 0;
}

static void
answer_lookup(const struct keeper *k, uint64_t uid)
{
	const char *name = login_lookup((uid_t)uid);

	/* This fails only if the child has ended, which keeper_run() sees. */
	(void)channel_send_text(k->channel, MESSAGE_NAME, uid,
	    name == NULL ? "" : name);
}

static void
end_helper(struct keeper *k, const struct message *m)
{
	if (strcmp(m->text, CHANNEL_CLOSED) == 0)
		helper_closed(&k->helper, m->number);
	else
		helper_dismiss(&k->helper, m->number);
}

static void
note_ready(struct keeper *k, bool open)
{
	k->ready = true;
	if (open && !k->open)
		notify_state("READY=1");
	k->open = k->open || open;
}

/* The child is to end, and has its time for that. Remove the sockets' files
 * first, so that no new client finds the room. */
static void
begin_closing(struct keeper *k)
{
	if (k->closing)
		return;
	listeners_close(k->listeners);
	notify_state("STOPPING=1");
	k->kill_at = clock_now() + CLOSE_MS;
	k->closing = true;
}

bool
keeper_answer(struct keeper *k, const struct message *m)
{
	if (m->kind == MESSAGE_LOOKUP)
		answer_lookup(k, m->number);
	else if (m->kind == MESSAGE_READY)
		note_ready(k, m->number == 1);
	else if (m->kind == MESSAGE_HELPER)
		end_helper(k, m);
	else if (m->kind == MESSAGE_ENDING)
		begin_closing(k);
	else
		return false;
	return true;
}

/* Take one message from the child. Returns false if it has ended. */
static bool
serve_request(struct keeper *k)
{
	struct message m;

	if (!channel_receive(k->channel, &m))
		return false;
	(void)keeper_answer(k, &m);
	channel_discard(&m);
	return true;
}

/* Open the file of keys again for the child, whose sandbox forbids it to open
 * the file and to check its mode. */
static void
reload_keys(struct keeper *k)
{
	struct message m = { .kind = MESSAGE_KEYS, .nfds = 1 };
	char why[KEYS_WHY_SIZE];

	if (k->keys == NULL) {
		(void)channel_send_text(k->channel, MESSAGE_KEYS, 0, "");
		return;
	}
	m.fds[0] = key_open(k->keys, why);
	if (m.fds[0] == -1) {
		log_event("%s, keeping the old keys", why);
		return;
	}
	(void)channel_send(k->channel, &m);
	channel_discard(&m);
}

/* Whether fd is a terminal that has gone: chatd ends with the terminal that it
 * logs to. */
static bool
is_hung_up(int fd)
{
	struct pollfd pfd = { .fd = fd };
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	    poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLHUP) != 0;
}

static void
stop_child(struct keeper *k)
{
	begin_closing(k);
	(void)channel_send_text(k->channel, MESSAGE_STOP, 0, "");
}

/* Act on the signals that have come. Returns true at a SIGUSR2; those that came
 * after it stay in the pipe until the next call. */
static bool
handle_signals(struct keeper *k)
{
	int signo;

	while ((signo = signals_next()) != 0) {
		if (signo == SIGUSR2)
			return true;
		if (signo == SIGCHLD)
			k->helper.look = true;
		else if (signo == SIGUSR1)
			(void)channel_send_text(k->channel, MESSAGE_COUNTERS,
			    0, "");
		else if (signo == SIGHUP && !is_hung_up(STDERR_FILENO))
			reload_keys(k);
		else
			stop_child(k);
	}
	return false;
}

/* Kill the child if it still runs, and reap it. Returns our exit status. */
static int
reap_child(struct keeper *k)
{
	int status = 0;

	(void)close(k->channel);
	(void)kill(k->child, SIGKILL);
	while (waitpid(k->child, &status, 0) == -1 && errno == EINTR)
		;
	listeners_close(k->listeners);
	helper_end(&k->helper, k->signals);
	if (k->helper.useless)
		return 2;
	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	log_event("the room process was killed by signal %d (%s)",
	    WTERMSIG(status), strsignal(WTERMSIG(status)));
	return 2;
}

/* When keeper_run() has to go around at the latest. A closing room gets no new
 * helper. */
static int64_t
next_deadline(const struct keeper *k)
{
	return k->closing ? k->kill_at : helper_due(&k->helper);
}

enum keeper_event
keeper_run(struct keeper *k)
{
	struct pollfd pfd[PFD_COUNT] = {
		[PFD_CHILD] = { .fd = k->channel, .events = POLLIN },
		[PFD_SIGNALS] = { .events = POLLIN }
	};

	for (;;) {
		/* Until the child can take orders, signals wait. Some may be
		 * left from before an upgrade, so this comes before poll(2). */
		if (k->ready && handle_signals(k))
			return KEEPER_UPGRADE;
		pfd[PFD_SIGNALS].fd = k->ready ? k->signals : -1;
		pfd[PFD_CHILD].revents = 0;
		if (poll(pfd, PFD_COUNT, clock_timeout(next_deadline(k))) ==
		    -1 && errno != EINTR && errno != EAGAIN) {
			log_event("poll: %s", strerror(errno));
			break;
		}
		if (k->closing && clock_now() >= k->kill_at)
			break;
		/* What the child says of a helper comes before its end. */
		if (pfd[PFD_CHILD].revents == 0 && !k->closing)
			helper_check(&k->helper, k->channel);
		if (k->helper.useless)
			break;
		if (pfd[PFD_CHILD].revents != 0 && !serve_request(k))
			break;
	}
	k->status = reap_child(k);
	return KEEPER_ENDED;
}
