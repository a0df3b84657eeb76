/*
 * chat-recv - write a room's messages to standard output
 */
#include <unistd.h>

#include "cli.h"
#include "client/joint.h"
#include "clock.h"
#include "show.h"
#include "signals.h"
#include "tls.h"

static const char help[] =
    "usage: chat-recv [-ert] [-c count] [-k key] [-l last] [-w seconds]\n"
    "                 [address]\n"
    "\n"
    "  -c count    exit after this many messages\n"
    "  -e          end with what was said until now\n"
    "  -k key      prove who you are with the key in this file\n"
    "  -l last     begin with this many messages, or those of the last 10m\n"
    "  -r          reconnect after a cut, and go on where it was\n"
    "  -t          write when each message was said\n"
    "  -w seconds  exit after this long without the messages asked for\n"
    "  -h, --help  show this help\n"
    "  --version   show the version\n"
    "\n"
    "example: chat-recv -r -l 100 | tee log\n";

int
main(int argc, char **argv)
{
	struct joint_options o = {
		.wait = CLOCK_NEVER, .patience = CLOCK_NEVER
	};
	const char *key = NULL;
	int c, status;

	signals_begin();
	cli_standard_descriptors();
	show_locale();
	o.hello.role = ROLE_RECV;
	while ((c = cli_next(argc, argv, "c:ek:l:rtw:", help)) != -1) {
		switch (c) {
		case 'c':
			o.count = cli_number(c, optarg, 1, INT64_MAX);
			o.counted = true;
			break;
		case 'e':
			o.ends = true;
			break;
		case 'k':
			key = optarg;
			break;
		case 'l':
			cli_history(c, optarg, &o.hello);
			break;
		case 'r':
			o.resume = true;
			break;
		case 't':
			o.hello.times = true;
			break;
		case 'w':
			o.wait = cli_milliseconds(c, optarg);
			break;
		}
	}
	/* What was said until now is all of it, if nobody says how much. */
	if (o.ends && o.hello.history == HISTORY_NONE) {
		o.hello.history = HISTORY_LAST;
		o.hello.n = INT64_MAX;
	}
	cli_address(&o.room, argc - optind, argv + optind, false);
	o.tls = cli_key(key, &o.room);
	status = joint_run(&o);
	tls_context_free(o.tls);
	return status;
}
