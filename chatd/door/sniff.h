/*
 * Web: what a browser says to a port that it takes for a web server's, and
 * what strangers say to it
 */
#ifndef SNIFF_H
#define SNIFF_H

#include <stdbool.h>
#include <stddef.h>

struct client;
struct server;

/*
 * Whether the len bytes at buf begin with the first line of an HTTP request:
 * METHOD TARGET HTTP/1.1. One whose LF isn't there yet is none, unless it is
 * too long for a line and so will never be whole.
 */
bool	 sniff_http(const char *buf, size_t len);

/*
 * Whether they begin as another protocol does, in a way that no person would:
 * RTSP, SIP, ICAP, SSH, SMTP, PROXY, Redis or adb.
 */
bool	 sniff_protocol(const char *buf, size_t len);

/*
 * Turn a client away that begins with any of this, before anything is taken.
 * Returns whether it was. Only for clients that haven't spoken.
 */
bool	 sniff_turn_away(struct server *s, struct client *c, const char *buf,
	    size_t len);

#endif
