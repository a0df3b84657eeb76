/*
 * chat-send - send the lines of standard input to a room
 */
#include <unistd.h>

#include "cli.h"
#include "clock.h"
#include "joint.h"
#include "show.h"

static const char usage[] = "usage: chat-send [-s] [-n name] [address]\n";

int
main(int argc, char **argv)
{
	struct joint_options o = { .wait = CLOCK_NEVER };
	int c;

	cli_standard_descriptors();
	show_locale();
	o.hello.role = ROLE_SEND;
	while ((c = cli_next(argc, argv, "n:s", usage)) != -1) {
		switch (c) {
		case 'n':
			o.name = cli_name(c, optarg);
			break;
		case 's':
			o.repair = true;
			break;
		}
	}
	cli_room(&o.room, argc - optind, argv + optind, usage);
	return joint_run(&o);
}
