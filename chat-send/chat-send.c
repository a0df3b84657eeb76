/*
 * chat-send - send the lines of standard input to a room
 */
#include <err.h>
#include <unistd.h>

#include "cli.h"
#include "clock.h"
#include "joint.h"
#include "show.h"
#include "tls.h"

static const char usage[] =
    "usage: chat-send [-rs] [-k key] [-n name] [-w seconds] [address]\n";

int
main(int argc, char **argv)
{
	struct joint_options o = {
		.wait = CLOCK_NEVER, .patience = CLOCK_NEVER
	};
	const char *key = NULL;
	int c, status;

	cli_standard_descriptors();
	show_locale();
	o.hello.role = ROLE_SEND;
	while ((c = cli_next(argc, argv, "k:n:rsw:", usage)) != -1) {
		switch (c) {
		case 'k':
			key = optarg;
			break;
		case 'n':
			o.name = cli_name(c, optarg);
			break;
		case 'r':
			o.resume = true;
			break;
		case 's':
			o.repair = true;
			break;
		case 'w':
			o.patience = cli_milliseconds(c, optarg);
			break;
		}
	}
	if (o.patience != CLOCK_NEVER && !o.resume)
		errx(2, "-w: only with -r");
	cli_room(&o.room, argc - optind, argv + optind, usage);
	o.tls = cli_key(key, &o.room);
	status = joint_run(&o);
	tls_context_free(o.tls);
	return status;
}
