/*
 * Notifying a service manager of the service's state, as sd_notify(3) does
 */
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "notify.h"

#define VARIABLE	"NOTIFY_SOCKET"
#define WAIT_SECONDS	1		/* for a manager that doesn't read */

/* Returns the length of the address, or 0 with errno. An @ at the start of the
 * name stands for the NUL of an abstract address. */
static socklen_t
parse_notify_socket(struct sockaddr_un *sun, const char *name)
{
	size_t len = strlen(name);

	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	errno = len < sizeof(sun->sun_path) ? EAFNOSUPPORT : ENAMETOOLONG;
	if (errno == ENAMETOOLONG || (name[0] != '/' && name[0] != '@'))
		return 0;
	memcpy(sun->sun_path, name, len);
	if (name[0] == '@')
		sun->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

/* Returns 0, or -1 with errno. */
static int
send_state(const char *name, const char *state)
{
	struct timeval wait = { .tv_sec = WAIT_SECONDS };
	struct sockaddr_un sun;
	socklen_t len = parse_notify_socket(&sun, name);
	int fd, error = 0;

	if (len == 0 || (fd = socket(AF_UNIX, SOCK_DGRAM, 0)) == -1)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait,
	    sizeof(wait)) == -1 || sendto(fd, state, strlen(state), 0,
	    (struct sockaddr *)&sun, len) == -1)
		error = errno;
	(void)close(fd);
	errno = error;
	return error == 0 ? 0 : -1;
}

void
notify_state(const char *state)
{
	const char *name = getenv(VARIABLE);

	if (name == NULL || name[0] == '\0' || send_state(name, state) == 0)
		return;
	log_event("%s=%s: %s", VARIABLE, name, strerror(errno));
	(void)unsetenv(VARIABLE);
}

void
notify_reloading(void)
{
	struct timespec ts;
	char state[64];

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	(void)snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%"
	    PRId64, (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
	notify_state(state);
}
