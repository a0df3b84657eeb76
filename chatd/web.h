/*
 * Web: what a browser says to a port that it takes for a web server's
 */
#ifndef WEB_H
#define WEB_H

#include <stdbool.h>
#include <stddef.h>

struct client;
struct server;

/*
 * Whether the len bytes at buf begin with the first line of an HTTP request:
 * METHOD TARGET HTTP/1.1. One whose LF isn't there yet is none, unless it is
 * too long for a line and so will never be whole.
 */
bool	 web_request(const char *buf, size_t len);

/*
 * Turn a client away whose first line is that, before anything is taken.
 * Returns whether it was. Only for clients that haven't spoken.
 */
bool	 web_turn_away(struct server *s, struct client *c, const char *buf,
	    size_t len);

#endif
