/*
 * Control lines: what clients and rooms send each other beside messages
 *
 * A control line is SOH, a word, and more words, each after one space; chat(7)
 * has the grammar. One space may stand between the SOH and the first word. All
 * of it is printable ASCII, but for the reasons of error and bye, which are
 * UTF-8. The functions that parse get a line without its SOH and LF.
 */
#ifndef CTL_H
#define CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "word.h"

#define CTL_MARK	'\001'		/* SOH */
#define CTL_SIZE	256		/* holds any control line of chatd */
#define CTL_NUMBER_SIZE	40		/* holds any word and number */
#define CTL_WORD_SHOWN	40		/* most of a bad word that is quoted */
#define CTL_COMPLAINTS	8		/* most that are made about one line */

/* Reasons of bye that another connection would not change. */
#define BYE_TEXT_NO_KEYS	"this room has no keys"
#define BYE_TEXT_KEY		"a key is needed here"
#define BYE_TEXT_REVOKED	"your key is not valid any more"
#define BYE_TEXT_SENDS		"your key is only for sending"
#define BYE_TEXT_LISTENS	"your key is only for listening"

/* The reason of one that is left for another address of the same room. */
#define BYE_TEXT_CUT_OFF	"this room is cut off"

enum role {
	ROLE_SEND = 1,
	ROLE_RECV = 2,
	ROLE_CHAT = ROLE_SEND | ROLE_RECV
};

enum history {
	HISTORY_NONE,			/* only what is said from now on */
	HISTORY_LAST,			/* the last n lines first */
	HISTORY_FROM,			/* everything from line n on */
	HISTORY_SINCE			/* everything said since second n */
};

/* What a client says first. */
struct hello {
	enum role	 role;
	enum history	 history;
	uint64_t	 n;		/* of last=, from= or since= */
	bool		 times;
	bool		 presence;	/* report who comes and goes */
	char		 session[TOKEN_MAX + 1]; /* "" if there is none */
};

enum notice_kind {
	NOTICE_UNKNOWN,
	NOTICE_AT,			/* n */
	NOTICE_OK,			/* n */
	NOTICE_ERROR,			/* n, text */
	NOTICE_LOST,			/* n, or counted is false */
	NOTICE_TIME,			/* n: seconds since 1970 */
	NOTICE_BYE,			/* text */
	NOTICE_YOU,			/* text: a name */
	NOTICE_HERE,			/* text: names; none ends a list */
	NOTICE_JOIN,			/* text: a name, which isn't checked */
	NOTICE_PART
};

/* What a room says. */
struct notice {
	enum notice_kind kind;
	uint64_t	 n;
	bool		 counted;	/* n is known: false for "lost ?" */
	bool		 new_session;	/* "ok 0 new": it begins here */
	const char	*text;		/* points into what was parsed */
	size_t		 textlen;
};

/* The words of the control line of len bytes at s, without the space that may
 * stand before the first one. */
struct word	 ctl_words(const char *s, size_t len);

/* Called for each word that is wrong; reason is valid until it returns. */
typedef void	 ctl_complain(void *arg, const char *reason);

/*
 * Parse the control line of len bytes at s as a client's first one. Calls
 * complain(), with arg, for words that are wrong or unknown, CTL_COMPLAINTS
 * times at most, and ignores these words. Returns false, after a complaint, if
 * the line names no role.
 */
bool	 hello_parse(struct hello *h, const char *s, size_t len,
	    ctl_complain *complain, void *arg);

/*
 * Whether the control line of len bytes at s asks who is here. Calls complain()
 * for any other words that it has.
 */
bool	 who_parse(const char *s, size_t len, ctl_complain *complain,
	    void *arg);

/*
 * Write h as a whole control line, with SOH and LF, to buf, which has CTL_SIZE
 * bytes. Returns its length.
 */
size_t	 hello_format(char *buf, const struct hello *h);

/*
 * Write the control line of a word and a number, with SOH and LF, to buf, which
 * has CTL_NUMBER_SIZE bytes. Returns its length.
 */
size_t	 ctl_format_number(char *buf, const char *word, uint64_t n);

/* Write the line that asks who is here to buf, as hello_format() does. */
size_t	 who_format(char *buf);

/*
 * Parse the control line of len bytes at s as a room's; n->text points into s.
 * Returns false if its first word is a known one and the rest of it is wrong. A
 * line with an unknown first word is NOTICE_UNKNOWN.
 */
bool	 notice_parse(struct notice *n, const char *s, size_t len);

#endif
