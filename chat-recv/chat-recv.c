/*
 * chat-recv - write a room's messages to standard output
 */
#include <err.h>
#include <unistd.h>

#include "cli.h"
#include "client/joint.h"
#include "client/stamp.h"
#include "clock.h"
#include "show.h"
#include "signals.h"
#include "tls.h"

static const char help[] =
    "usage: chat-recv [-ejrt] [-c count] [-k key] [-l last] [-T format]\n"
    "                 [-w seconds] [address,...]\n"
    "\n"
    "  -c count    exit after this many messages\n"
    "  -e          end with what was said until now\n"
    "  -j          write each message as a JSON object\n"
    "  -k key      prove who you are with the key in this file\n"
    "  -l last     begin with this many messages, or those of the last 10m\n"
    "  -r          reconnect after a cut, and go on where it was\n"
    "  -T format   write when each message was said, in this format\n"
    "  -t          write when each message was said\n"
    "  -w seconds  exit after this long without the messages asked for\n"
    "  -h, --help  show this help\n"
    "  --version   show the version\n"
    "\n"
    "example: chat-recv -r -l 100 | tee log\n";

static const char *
take_format(const char *s)
{
	char why[STAMP_WHY];

	if (!stamp_check(s, why))
		errx(2, "-T: %s", why);
	return s;
}

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
	while ((c = cli_next(argc, argv, "T:c:ejk:l:rtw:", help)) != -1) {
		switch (c) {
		case 'T':
			o.format = take_format(optarg);
			break;
		case 'c':
			o.count = cli_number(c, optarg, 1, INT64_MAX);
			o.counted = true;
			break;
		case 'e':
			o.ends = true;
			break;
		case 'j':
			o.json = true;
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
			if (o.format == NULL)
				o.format = STAMP_ISO;
			break;
		case 'w':
			o.wait = cli_milliseconds(c, optarg);
			break;
		}
	}
	if (o.json && o.format != NULL)
		errx(2, "-j: not with -t or -T; its times are numbers");
	o.hello.times = o.json || o.format != NULL;
	/* What was said until now is all of it, if nobody says how much. */
	if (o.ends && o.hello.history == HISTORY_NONE) {
		o.hello.history = HISTORY_LAST;
		o.hello.n = INT64_MAX;
	}
	cli_address(&o.room, argc - optind, argv + optind, false);
	o.tls = cli_key(key, &o.room);
	status = joint_run(&o);
	tls_context_free(o.tls);
	addr_list_free(&o.room);
	return status;
}
