/*
 * Dialling: a child process that connects to a room
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dial.h"
#include "fdpass.h"
#include "net.h"
#include "signals.h"

/*
 * In the child, until the parent closes its end. Signals that keys of the
 * terminal send are for the parent, so they are ignored here, and its handlers
 * are reset. The standard descriptors are closed, so that a reader of the
 * parent's output doesn't wait for the child. Signals that the program was
 * started to ignore or block stay so.
 */
static void __attribute__((noreturn))
connect_for(int to, const struct addr_list *rooms, const sigset_t *blocked)
{
	static const int keys[] = { SIGINT, SIGQUIT, SIGTSTP, SIGWINCH };
	const char *why = "";
	ssize_t n;
	size_t i;
	unsigned char which;
	int fd;

	signals_default(SIGTERM);
	signals_default(SIGHUP);
	(void)signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		(void)signal(keys[i], SIG_IGN);
	(void)sigprocmask(SIG_SETMASK, blocked, NULL);
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		(void)close(fd);
	while ((n = read(to, &which, sizeof(which))) == 1 ||
	    (n == -1 && (errno == EINTR || errno == EAGAIN))) {
		if (n == -1)
			continue;
		fd = net_connect(&rooms->at[which % rooms->n], &why);
		/* An empty reason and the socket, or the reason why there is
		 * none. */
		if (fd != -1)
			why = "";
		(void)fdpass_send(to, why, strlen(why) + 1, &fd, fd != -1);
		if (fd != -1)
			(void)close(fd);
	}
	_exit(0);
}

int
dial_open(struct dial *d, const struct addr_list *rooms)
{
	sigset_t all, before;
	int pair[2], saved;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		return -1;
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	d->pid = fork();
	if (d->pid == 0) {
		(void)close(pair[0]);
		connect_for(pair[1], rooms, &before);
	}
	saved = errno;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	(void)close(pair[1]);
	d->fd = pair[0];
	if (d->pid != -1 && fcntl(d->fd, F_SETFD, FD_CLOEXEC) == 0)
		return 0;
	dial_close(d);
	errno = saved;
	return -1;
}

int
dial_start(struct dial *d, size_t i)
{
	unsigned char which = (unsigned char)i;
	ssize_t n;

	do {
		n = write(d->fd, &which, sizeof(which));
	} while (n == 0 || (n == -1 && (errno == EINTR || errno == EAGAIN)));
	return n == 1 ? 0 : -1;
}

int
dial_finish(struct dial *d, char *why, size_t size)
{
	size_t nfds = 1;
	int fd;
	ssize_t n = fdpass_receive(d->fd, why, size - 1, 0, &fd, &nfds);

	why[n > 0 ? n : 0] = '\0';
	if (nfds == 1)
		return fd;
	if (n <= 0)
		(void)snprintf(why, size, "connecting was interrupted");
	return -1;
}

void
dial_close(struct dial *d)
{
	if (d->fd == -1)
		return;
	(void)close(d->fd);
	d->fd = -1;
	if (d->pid == -1)
		return;
	(void)kill(d->pid, SIGKILL);
	while (waitpid(d->pid, NULL, 0) == -1 && errno == EINTR)
		;
}
