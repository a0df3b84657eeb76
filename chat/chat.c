/*
 * chat - a person's terminal, or a bot's pipe joint, in a room
 */
#include <err.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "client/front.h"
#include "client/joint.h"
#include "client/stamp.h"
#include "clock.h"
#include "lines.h"
#include "show.h"
#include "signals.h"
#include "term.h"
#include "tls.h"

#define LAST	10			/* lines that a person starts with */

static const char help[] =
    "usage: chat [-bdprt] [-k key] [-l last] [-n name] [-w seconds] "
    "[address,...]\n"
    "\n"
    "  -b          show messages alone, without times or colours\n"
    "  -d          talk line by line, and draw nothing on the terminal\n"
    "  -k key      prove who you are with the key in this file\n"
    "  -l last     begin with this many messages, or those of the last 10m\n"
    "  -n name     put this name before each line that you say\n"
    "  -p          speak the protocol of chat(7), for a front end\n"
    "  -r          reconnect after a cut, and go on where it was\n"
    "  -t          show when each message was said\n"
    "  -w seconds  give up after this long without a room\n"
    "  -h, --help  show this help\n"
    "  --version   show the version\n"
    "\n"
    "example: chat -n alice room.example.org\n";

struct options {
	struct joint_options joint;
	const char	*key;
	bool		 bare;
	bool		 by_line;
	bool		 front;
};

/* A name for whom the system knows by a number only. */
static const char *
login_name(void)
{
	static char number[32];
	const struct passwd *pw = getpwuid(getuid());

	if (pw != NULL)
		return cli_name('n', pw->pw_name);
	(void)snprintf(number, sizeof(number), "%ju", (uintmax_t)getuid());
	return number;
}

/* Line by line where the terminal can't be drawn on, or isn't to be. */
static int
talk(const struct options *opt)
{
	const struct joint_options *j = &opt->joint;
	struct session_options o = {
		.room = j->room,
		.tls = j->tls,
		.name = j->name != NULL ? j->name : login_name(),
		.insists = j->insists,
		.hello = j->hello,
		.bare = opt->bare,
		.wait = j->resume,
		.patience = j->patience
	};

	if (o.hello.history == HISTORY_NONE) {
		o.hello.history = HISTORY_LAST;
		o.hello.n = LAST;
	} else if (o.hello.history == HISTORY_LAST && o.hello.n == 0)
		o.hello.history = HISTORY_NONE;
	return opt->by_line || !term_possible() ? lines_run(&o) :
	    term_run(&o);
}

static int
serve(const struct joint_options *j)
{
	struct front_options f = {
		.room = j->room,
		.tls = j->tls,
		.hello = j->hello,
		.name = j->name,
		.resume = j->resume,
		.patience = j->patience
	};

	return front_run(&f);
}

static void
take_option(struct options *o, int c)
{
	switch (c) {
	case 'b':
		o->bare = true;
		break;
	case 'd':
		o->by_line = true;
		break;
	case 'k':
		o->key = optarg;
		break;
	case 'l':
		cli_history(c, optarg, &o->joint.hello);
		break;
	case 'n':
		o->joint.name = cli_name(c, optarg);
		o->joint.insists = true;
		break;
	case 'p':
		o->front = true;
		break;
	case 'r':
		o->joint.resume = true;
		break;
	case 't':
		o->joint.hello.times = true;
		o->joint.format = STAMP_ISO;
		break;
	case 'w':
		o->joint.patience = cli_milliseconds(c, optarg);
		break;
	}
}

/* Whether there's a person at both ends; and options that need one. */
static bool
is_for_person(const struct options *o)
{
	bool person = !o->front && isatty(STDIN_FILENO) == 1 &&
	    isatty(STDOUT_FILENO) == 1;

	if (o->by_line && !person)
		errx(2, "-d: only on a terminal, and without -p");
	if (o->joint.patience != CLOCK_NEVER && !o->joint.resume && !person)
		errx(2, "-w: only with -r");
	return person;
}

int
main(int argc, char **argv)
{
	struct options o = {
		.joint = { .wait = CLOCK_NEVER, .patience = CLOCK_NEVER }
	};
	struct joint_options *j = &o.joint;
	bool person;
	int c, status;

	signals_begin();
	cli_standard_descriptors();
	show_locale();
	j->hello.role = ROLE_CHAT;
	while ((c = cli_next(argc, argv, "bdk:l:n:prtw:", help)) != -1)
		take_option(&o, c);
	person = is_for_person(&o);
	if (j->name == NULL)
		j->name = cli_default_name();
	cli_address(&j->room, argc - optind, argv + optind, false);
	j->tls = cli_key(o.key, &j->room);
	if (o.front)
		status = serve(j);
	else
		status = person ? talk(&o) : joint_run(j);
	tls_context_free(j->tls);
	addr_list_free(&j->room);
	return status;
}
