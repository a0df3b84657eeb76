/*
 * Web: what a browser says to a port that it takes for a web server's
 *
 * Any page that somebody looks at can have the browser post to any address that
 * the browser can reach, a room on the same machine included. The page chooses
 * what is posted, so without this it would speak in the room.
 */
#include <string.h>

#include "client.h"
#include "door.h"
#include "line.h"
#include "server.h"
#include "web.h"

#define VERSION_LEN	8		/* of HTTP/1.1 */

static size_t
word_len(const char *s, const char *end)
{
	const char *space = memchr(s, ' ', (size_t)(end - s));

	return (size_t)((space == NULL ? end : space) - s);
}

/* Browsers have only these, and people rarely begin with them. */
static bool
is_method(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if ((s[i] < 'A' || s[i] > 'Z') && s[i] != '-')
			return false;
	}
	return len > 0;
}

/* A path, a whole URL, host:port, or an asterisk. */
static bool
is_target(const char *s, size_t len)
{
	return len > 0 && (s[0] == '/' || s[0] == '*' ||
	    memchr(s, ':', len) != NULL);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_version(const char *s, size_t len)
{
	return len == VERSION_LEN && memcmp(s, "HTTP/", 5) == 0 &&
	    is_digit(s[5]) && s[6] == '.' && is_digit(s[7]);
}

bool
web_request(const char *buf, size_t len)
{
	const char *lf = memchr(buf, '\n', len < LINE_SIZE ? len : LINE_SIZE);
	const char *end = lf != NULL ? lf : buf + len;
	const char *s = buf;
	size_t n;

	if (lf == NULL && len < LINE_SIZE)
		return false;
	if (lf != NULL && end > buf && end[-1] == '\r')
		end--;
	n = word_len(s, end);
	if (!is_method(s, n) || s + n == end)
		return false;
	s += n + 1;
	n = word_len(s, end);
	if (!is_target(s, n))
		return false;
	/* Of a line too long it doesn't matter what it ends with. */
	if (lf == NULL)
		return true;
	return s + n < end && is_version(s + n + 1, (size_t)(end - s) - n - 1);
}

bool
web_turn_away(struct server *s, struct client *c, const char *buf, size_t len)
{
	if (c->peer == NULL || c->person != NULL || !web_request(buf, len))
		return false;
	client_until(c, s->room, client_next_line(c, s->room));
	door_turn_away(s, c, BYE_WEB);
	return true;
}
