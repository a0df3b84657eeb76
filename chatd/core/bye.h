/*
 * Byes: why the room closes a connection
 */
#ifndef BYE_H
#define BYE_H

enum bye {
	BYE_NONE,
	BYE_FULL,
	BYE_CROWD,			/* too many from its address */
	BYE_MEMORY,
	BYE_CLOSING,
	BYE_TAKEN_OVER,			/* another client has its session */
	BYE_NAMELESS,			/* no name of its user is known */
	BYE_KEY,			/* a key is needed */
	BYE_NO_KEYS,			/* it has one, the room has none */
	BYE_HANDSHAKES,			/* its address has too many */
	BYE_REVOKED,			/* its key is gone or has changed */
	BYE_SENDS,			/* its key isn't for listening */
	BYE_LISTENS,			/* its key isn't for sending */
	BYE_UPGRADE,			/* an upgrade can't hand it over */
	BYE_HTTP,			/* a browser */
	BYE_UNFINISHED,			/* no memory is left for half a line */
	BYE_PROTOCOL,			/* it speaks another protocol */
	BYE_CUT_OFF			/* the log is out of reach */
};

/* The reason in words, as the client gets it: see bye in chat(7). */
const char	*bye_text(enum bye bye);

#endif
