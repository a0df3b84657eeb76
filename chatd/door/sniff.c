/*
 * Protocol sniffing: recognising browsers, and clients of other protocols, by
 * their first line
 */
#include <string.h>

#include "admission.h"
#include "core/client.h"
#include "core/server.h"
#include "line.h"
#include "sniff.h"

#define VERSION_LEN	8		/* of HTTP/1.1 */

static size_t
word_len(const char *s, const char *end)
{
	const char *space = memchr(s, ' ', (size_t)(end - s));

	return (size_t)((space == NULL ? end : space) - s);
}

/* Browsers use capitals only, and people rarely begin with such a word. */
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

/* What follows METHOD and TARGET in a request line, or NULL without these. */
static const char *
after_target(const char *s, const char *end)
{
	size_t n = word_len(s, end);

	if (!is_method(s, n) || s + n == end)
		return NULL;
	s += n + 1;
	n = word_len(s, end);
	return is_target(s, n) ? s + n : NULL;
}

bool
sniff_http(const char *buf, size_t len)
{
	const char *lf = memchr(buf, '\n', len < LINE_SIZE ? len : LINE_SIZE);
	const char *end = lf != NULL ? lf : buf + len;
	const char *s;

	if (lf == NULL && len < LINE_SIZE)
		return false;
	if (lf != NULL && end > buf && end[-1] == '\r')
		end--;
	s = after_target(buf, end);
	/* What an overlong line ends with doesn't matter. */
	if (s == NULL || lf == NULL)
		return s != NULL;
	return s < end && is_version(s + 1, (size_t)(end - s) - 1);
}

static bool
begins(const char *s, const char *end, const char *with)
{
	size_t len = strlen(with);

	return (size_t)(end - s) >= len && memcmp(s, with, len) == 0;
}

/* Protocols whose requests are made like those of HTTP. */
static bool
is_like_http(const char *s, const char *end)
{
	static const char *const versions[] = {
		" ICAP/1.0", " RTSP/1.0", " RTSP/2.0", " SIP/2.0"
	};
	size_t i, len;

	s = after_target(s, end);
	if (s == NULL)
		return false;
	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		len = strlen(versions[i]);
		if ((size_t)(end - s) == len && begins(s, end, versions[i]))
			return true;
	}
	return false;
}

/* SSH-2.0-OpenSSH_9.2, for example (RFC 4253, 4.2). */
static bool
is_ssh(const char *s, const char *end)
{
	return end - s > 8 && begins(s, end, "SSH-") && is_digit(s[4]) &&
	    s[5] == '.' && is_digit(s[6]) &&
	    (s[7] == '-' || (is_digit(s[7]) && s[8] == '-'));
}

static bool
is_proxy(const char *s, const char *end)
{
	static const char unknown[] = "PROXY UNKNOWN";

	return begins(s, end, "PROXY TCP4 ") || begins(s, end, "PROXY TCP6 ") ||
	    (begins(s, end, unknown) && (s + strlen(unknown) == end ||
	    s[strlen(unknown)] == ' '));
}

/* EHLO or HELO, and the name of a host: "HELO all" may be a person. */
static bool
is_smtp(const char *s, const char *end)
{
	const char *host = s + strlen("EHLO "), *dot;

	if ((!begins(s, end, "EHLO ") && !begins(s, end, "HELO ")) ||
	    host == end || memchr(host, ' ', (size_t)(end - host)) != NULL)
		return false;
	dot = memchr(host, '.', (size_t)(end - host));
	return s[0] == 'E' || host[0] == '[' ||
	    (dot != NULL && dot > host && dot + 1 < end && dot[1] != '.');
}

/* What needs no whole line to be recognised: the first message of adb, version
 * 2 of PROXY, and an array of Redis, which goes on in the next line. */
static bool
is_binary(const char *buf, size_t len)
{
	static const char proxy[] = "\r\n\r\n\0\r\nQUIT\n";
	size_t n = 1;

	if (len >= sizeof(proxy) - 1 && memcmp(buf, proxy, sizeof(proxy) - 1) ==
	    0)
		return true;
	if (len >= 8 && memcmp(buf, "CNXN", 4) == 0)
		return memcmp(buf + 5, "\0\0\1", 3) == 0;
	if (len < 1 || buf[0] != '*')
		return false;
	while (n < len && is_digit(buf[n]))
		n++;
	return n > 1 && begins(buf + n, buf + len, "\r\n$");
}

bool
sniff_protocol(const char *buf, size_t len)
{
	const char *lf = memchr(buf, '\n', len < LINE_SIZE ? len : LINE_SIZE);
	const char *end = lf;

	if (is_binary(buf, len))
		return true;
	if (lf == NULL)
		return false;
	if (end > buf && end[-1] == '\r')
		end--;
	return is_like_http(buf, end) || is_ssh(buf, end) ||
	    is_proxy(buf, end) || is_smtp(buf, end);
}

bool
sniff_turn_away(struct server *s, struct client *c, const char *buf, size_t len)
{
	enum bye bye;

	if (c->peer == NULL || c->person != NULL)
		return false;
	bye = sniff_http(buf, len) ? BYE_HTTP :
	    sniff_protocol(buf, len) ? BYE_PROTOCOL : BYE_NONE;
	if (bye == BYE_NONE)
		return false;
	client_stop(c, s->ring);
	admission_turn_away(s, c, bye);
	return true;
}
