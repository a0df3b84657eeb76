/*
 * Clients that come, say one line, and go
 */
#include <sys/socket.h>

#include <err.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "crowd.h"
#include "parts.h"
#include "proc.h"

enum {
	SLICES	= 3,
	AT_ONCE	= 16,
	VISITS	= 1500,	/* in a slice: ports take a minute to be free again */
	GIVE_UP	= 10 * 1000	/* ms */
};

/* Having said all it shuts down, and is done when the room closes too. */
static int
visit(uint16_t port)
{
	char line[LINE_BYTES];
	int fd = room_connect(port);

	lines_fill(line, 1);
	if (send(fd, line, sizeof(line), 0) == -1 ||
	    shutdown(fd, SHUT_WR) == -1)
		err(2, "send");
	return fd;
}

/* Returns true when the visit is over. Others may be heard meanwhile. */
static bool
visit_end(int fd)
{
	char heard[64 * LINE_BYTES];
	ssize_t n;

	if ((n = recv(fd, heard, sizeof(heard), 0)) == -1)
		err(2, "recv");
	if (n == 0)
		close(fd);
	return n == 0;
}

static void
visit_all(uint16_t port)
{
	struct pollfd pfd[AT_ONCE];
	int i, begun, ended;

	for (begun = 0; begun < AT_ONCE; begun++)
		pfd[begun] = (struct pollfd){ .fd = visit(port),
		    .events = POLLIN };
	for (ended = 0; ended < VISITS;) {
		if (poll(pfd, AT_ONCE, GIVE_UP) <= 0)
			errx(2, "the room does not close");
		for (i = 0; i < AT_ONCE; i++) {
			if (pfd[i].fd == -1 || pfd[i].revents == 0 ||
			    !visit_end(pfd[i].fd))
				continue;
			ended++;
			pfd[i].fd = begun++ < VISITS ? visit(port) : -1;
		}
	}
}

void
churn(const struct room r[ROOMS])
{
	double rate[ROOMS], cpu[ROOMS];
	uint64_t start, used;
	size_t slice, i, room;

	for (slice = 0; slice < SLICES; slice++) {
		for (i = 0; i < ROOMS; i++) {
			room = (slice + i) % ROOMS;
			start = clock_ns();
			used = proc_cpu(r[room].pid);
			visit_all(r[room].port);
			rate[room] = (double)VISITS * NS /
			    (double)(clock_ns() - start);
			cpu[room] = (double)(proc_cpu(r[room].pid) - used) /
			    VISITS;
		}
		printf("visit.rate %g %g\nvisit.cpu %g %g\n", rate[0],
		    rate[1], cpu[0], cpu[1]);
	}
}
