/*
 * Endpoints: the members of etcd that can be asked, and connecting to them
 *
 * Each has a process that dials it (see dial.h), so that one that doesn't
 * answer keeps nobody from the next one.
 */
#ifndef ENDPOINTS_H
#define ENDPOINTS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "client/dial.h"

#define ENDPOINTS_MAX	9
#define ENDPOINTS_PORT	"2379"
#define ENDPOINT_AGAIN_MS 250		/* between two tries of one */

struct endpoint {
	struct addr	 addr;
	char		*name;		/* as it was given */
	struct dial	 dial;
	bool		 dialling;
	int64_t		 tried;		/* last, by clock_now() */
	/* For space.c: when it has been looked after last, and up to which
	 * revision it has given back its space. */
	int64_t		 cleaned;
	uint64_t	 removed;
};

struct endpoints {
	struct endpoint	 all[ENDPOINTS_MAX];
	size_t		 n;
	size_t		 at;		/* the one that we are with */
	bool		 wanted;	/* we want a connection to it */
};

/*
 * Parse "host[:port],...", of len bytes. Returns NULL, or what is wrong with
 * the one in *which, or with all of s: that stays valid.
 */
const char	*endpoints_parse(struct endpoints *e, const char *s, size_t len,
		    const char **which);

/* Fork the processes. Returns 0, or -1 with errno. */
int	 endpoints_open(struct endpoints *e);

/* Its processes end by themselves then. */
void	 endpoints_close(struct endpoints *e);

struct endpoint	*endpoints_current(struct endpoints *e);

/* Go to the next one. It isn't dialled yet. */
void	 endpoints_next(struct endpoints *e);

/* When the current one may be dialled, by clock_now(). */
int64_t	 endpoints_when(const struct endpoints *e);

/* Dial the current one, unless it is being dialled already. Ends the program if
 * the process for it has ended. */
void	 endpoints_dial(struct endpoints *e);

/* Nothing is wanted of what is being dialled, for the time being. */
void	 endpoints_forget(struct endpoints *e);

/* Fill in e->n entries with what to poll for. */
void	 endpoints_poll(const struct endpoints *e, struct pollfd *pfd);

/*
 * Take what has come, after poll(2). Returns the socket to the current one,
 * which is the caller's, or -1. Then why, which has size bytes, is the reason,
 * or "" if it is still being dialled.
 */
int	 endpoints_ready(struct endpoints *e, const struct pollfd *pfd,
	    char *why, size_t size);

#endif
