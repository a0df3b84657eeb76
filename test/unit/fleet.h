/*
 * A fleet: several nodes of one room in this process, and their log
 *
 * A site is a node with its store and with the helper that it talks to. The
 * log is an array of entries. Nothing goes on by itself: every function does
 * one step, and checks what can be checked at once.
 */
#ifndef FLEET_H
#define FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLEET_MAX	4		/* most sites */
#define FLEET_ROOM	1000		/* the first line's number at site 0 */

struct book;
struct server;

struct bytes {
	char		*text;
	size_t		 len;
};

/* The other end of a node's wire. */
struct helper {
	int		 fd;		/* -1: there is none */
	struct bytes	 in;		/* read, and not taken */
	struct bytes	 out;		/* said, and not written */
	bool		 asked;		/* "from" has come */
	bool		 told;		/* "log" was said */
	bool		 stuck;
	bool		 asking;	/* "end" has come */
	struct bytes	 put;		/* the last one; NULL: none */
	uint64_t	 appended;	/* where it is in the log; 0: nowhere */
	uint64_t	 delivered;	/* said to the node, up to this entry */
};

/* Memory for n things of that size, with what p has. */
void	*fleet_grow(void *p, size_t n, size_t size);

struct site {
	char		 name[16];
	char		 path[96];	/* of its store */
	struct server	*s;		/* NULL: it is dead */
	bool		 stopping;
	unsigned	 life;		/* how often it has ended */
	uint64_t	 segment;	/* bytes of one of its store */
	uint64_t	 first;		/* a new room's first number there */
	struct helper	 helper;
};

extern struct site sites[FLEET_MAX];
extern size_t nsites;

/*
 * Begin with n dead sites whose stores are below the directory dir, and an
 * empty log. That many sessions are kept while they are idle.
 */
void	 fleet_begin(const char *dir, size_t n, size_t sessions);
void	 fleet_end(void);

/* What the log says by the rules, up to now. */
const struct book	*fleet_book(void);

/* Append what a site has put once and doesn't wait for any more; what no node
 * has put; or that a site is down. */
void	 fleet_append_late(void);
void	 fleet_append_junk(void);
void	 fleet_append_down(const struct site *site);

/* Start a node from its store, without a helper, and end it. A torn store has
 * lost some of what was written last. */
void	 site_start(struct site *site);
void	 site_end(struct site *site, bool torn);

/* As if the keeper had got SIGTERM. It ends in one of the steps that follow. */
void	 site_stop(struct site *site);

/* Let another program go on with it. */
void	 site_upgrade(struct site *site);

/* One round of the loop. */
void	 site_step(struct site *site);

/* Whether clients can come. */
bool	 site_is_open(const struct site *site);

/* Whether it has all of the log, and nothing to add. */
bool	 site_is_quiet(const struct site *site);

/* Give it a helper, or close the one it has. */
void	 site_attach(struct site *site);
void	 site_detach(struct site *site);

/* The helper takes what the node has said. */
void	 helper_read(struct site *site);

/* The helper says which log it is; that it is stuck, or no longer; the answer
 * to "end"; the next n entries. It does nothing if it can't say that now. */
void	 helper_log(struct site *site);
void	 helper_stick(struct site *site, bool stuck);
void	 helper_answer(struct site *site);
void	 helper_deliver(struct site *site, uint64_t n);

/* Write at most so many bytes of what it has said. */
void	 helper_write(struct site *site, size_t most);

/* Append what the node has put last, perhaps not for the first time. */
void	 helper_append(struct site *site);

/* Add to bytes, which begin as { NULL, 0 }, drop some at the front, and free
 * them. */
void	 bytes_add(struct bytes *b, const char *text, size_t len);
void	 bytes_drop(struct bytes *b, size_t len);
void	 bytes_free(struct bytes *b);

/* Read all there is at fd into bytes. Returns false at the end. */
bool	 bytes_read(struct bytes *b, int fd);

/* Write at most so many bytes to fd, and drop those that were written. */
void	 bytes_write(struct bytes *b, int fd, size_t most);

#endif
