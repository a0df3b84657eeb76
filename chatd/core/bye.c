/*
 * Byes: why the room closes a connection
 */
#include "bye.h"
#include "ctl.h"

const char *
bye_text(enum bye bye)
{
	switch (bye) {
	case BYE_NONE:
		break;
	case BYE_FULL:
		return "full";
	case BYE_CROWD:
		return "too many connections from your address";
	case BYE_MEMORY:
		return "out of memory";
	case BYE_CLOSING:
		return "the room is closing";
	case BYE_TAKEN_OVER:
		return "another connection has taken over this session";
	case BYE_NAMELESS:
		return "this room cannot tell who you are";
	case BYE_KEY:
		return BYE_TEXT_KEY;
	case BYE_NO_KEYS:
		return BYE_TEXT_NO_KEYS;
	case BYE_HANDSHAKES:
		return "too many unfinished handshakes from your address";
	case BYE_REVOKED:
		return BYE_TEXT_REVOKED;
	case BYE_SENDS:
		return BYE_TEXT_SENDS;
	case BYE_LISTENS:
		return BYE_TEXT_LISTENS;
	case BYE_UPGRADE:
		return "the room is being upgraded";
	case BYE_HTTP:
		return "this is a chat room, not a web server";
	case BYE_UNFINISHED:
		return "too many unfinished lines in this room";
	case BYE_PROTOCOL:
		return "this is a chat room, which speaks another protocol";
	case BYE_CUT_OFF:
		return BYE_TEXT_CUT_OFF;
	}
	return "";
}
