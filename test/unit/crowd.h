/*
 * A crowd: clients of a fleet, who know what they have said and heard
 *
 * Each line that a visitor says is told apart from all others by its text, and
 * some are refused. All that a room says to a visitor is kept, and judged when
 * it is known what was said in which order.
 */
#ifndef CROWD_H
#define CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fleet.h"

#define CROWD_MAX	12		/* most visitors */

enum visitor_kind {
	VISITOR_PLAIN,			/* gives no role, comes once */
	VISITOR_SENDS,			/* these have a session */
	VISITOR_CHATS,
	VISITOR_READS
};

/* One connection. */
struct link {
	struct visitor	*who;
	int		 fd;		/* -1: it is over */
	struct site	*site;
	unsigned	 life;		/* of the site */
	struct bytes	 out;		/* said, and not written */
	struct bytes	 in;		/* everything that was read */
	size_t		 done;		/* of that, looked at */
	uint64_t	 sent;		/* lines that were said, in all of its
					   session */
	uint64_t	 least;		/* settled when it began */
	uint64_t	 from;		/* "from=" it; 0: without */
	uint64_t	 next;		/* the next line's number, if known */
	bool		 answered;	/* there was an "ok" */
	bool		 half;		/* we have said that there is no more */
};

struct visitor {
	enum visitor_kind kind;
	unsigned	 number;
	uint64_t	 wants;		/* lines that it has thought of */
	uint64_t	 said;		/* the last of them said anywhere */
	uint64_t	 settled;	/* of these, by any "ok" */
	uint64_t	 next;		/* number of the line to read next */
	size_t		 links;		/* how many it has had */
	struct link	*link[2];	/* those that are open, the newer one
					   last; NULL */
	bool		 doubt;		/* some lines may be lost: it is plain,
					   and was cut off */
	bool		 forgotten;	/* its session was: it is silent now */
};

extern struct visitor crowd[CROWD_MAX];
extern size_t ncrowd;

/* Begin with n visitors who are nowhere. If sessions may be forgotten, it's no
 * fault if that happens. */
void	 crowd_begin(size_t n, bool forgetful);
void	 crowd_end(void);

/* Connect to an open site, for the first time or again: a second connection
 * takes over, and a third replaces the older one. */
void	 visitor_enter(struct visitor *v, struct site *site);

/* Whether it is somewhere, and whether it may come: plain ones do so once. */
bool	 visitor_is_here(const struct visitor *v);
bool	 visitor_may_enter(const struct visitor *v);

/* Say a few lines more. */
void	 visitor_think(struct visitor *v);

/* Write what there is to write, at most so many bytes, and read all. */
void	 visitor_step(struct visitor *v, size_t most);

/* Break the connections off; or, with the second function, say that no more
 * will be said. */
void	 visitor_cut(struct visitor *v);
void	 visitor_finish(struct visitor *v);

/* Whether it has said everything, and knows it. */
bool	 visitor_is_content(const struct visitor *v);

/* Judge what everybody has said and heard, when all of it has come to an end.
 * The lines are those of the room, in their order, from that number on. */
void	 crowd_judge(char *const *lines, size_t n, uint64_t first);

#endif
