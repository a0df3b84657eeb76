/*
 * Options of TCP: no delays, and finding out that a peer is gone
 *
 * POSIX knows only SO_KEEPALIVE, whose first probe may come after two hours.
 * The rest is each system's own, so this file has the conditions for it.
 */
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "tcp.h"

#define PROBE_SECONDS	15		/* between two keepalive probes */
#define PROBES		4		/* lost before the peer is dead */
#define IDLE_SECONDS	(TCP_DEAD_SECONDS - PROBE_SECONDS * PROBES)

struct tcp_option {
	int	 level;
	int	 name;
	int	 value;
};

static const struct tcp_option options[] = {
	{ SOL_SOCKET, SO_KEEPALIVE, 1 },
	{ IPPROTO_TCP, TCP_NODELAY, 1 },
#ifdef TCP_KEEPIDLE
	{ IPPROTO_TCP, TCP_KEEPIDLE, IDLE_SECONDS },
#elif defined(TCP_KEEPALIVE)			/* its name on macOS */
	{ IPPROTO_TCP, TCP_KEEPALIVE, IDLE_SECONDS },
#endif
#ifdef TCP_KEEPINTVL
	{ IPPROTO_TCP, TCP_KEEPINTVL, PROBE_SECONDS },
#endif
#ifdef TCP_KEEPCNT
	{ IPPROTO_TCP, TCP_KEEPCNT, PROBES },
#endif
#ifdef TCP_USER_TIMEOUT				/* also for unread data */
	{ IPPROTO_TCP, TCP_USER_TIMEOUT, TCP_DEAD_SECONDS * 1000 },
#endif
};

int
tcp_prepare(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	size_t i;

	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1)
		return -1;
	if (ss.ss_family != AF_INET && ss.ss_family != AF_INET6)
		return 0;
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (setsockopt(fd, options[i].level, options[i].name,
		    &options[i].value, sizeof(options[i].value)) == -1)
			return -1;
	}
	return 0;
}
