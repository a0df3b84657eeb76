/*
 * Protocol sniffing: recognising browsers, and clients of other protocols, by
 * their first line
 *
 * A web page can make the browser post to any address that the browser reaches,
 * a room on the same machine included, and the page chooses what is posted: so
 * without this it would speak in the room. So would programs that search for
 * servers of other protocols and try the first words of each.
 */
#ifndef SNIFF_H
#define SNIFF_H

#include <stdbool.h>
#include <stddef.h>

struct client;
struct server;

/*
 * Whether the len bytes at buf begin with the request line of HTTP, METHOD
 * TARGET HTTP/1.1 (RFC 9112, 3). Without its LF it doesn't count yet, unless it
 * is too long for a line and so will never be whole.
 */
bool	 sniff_http(const char *buf, size_t len);

/*
 * Whether they begin as another protocol does, and as no person would: RTSP,
 * SIP, ICAP, SSH, SMTP, PROXY, Redis or adb.
 */
bool	 sniff_protocol(const char *buf, size_t len);

/*
 * Turn away a client that begins with any of these, before anything is taken of
 * it. Returns whether it was turned away. Only for a client's first line.
 */
bool	 sniff_turn_away(struct server *s, struct client *c, const char *buf,
	    size_t len);

#endif
