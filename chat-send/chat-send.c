/*
 * chat-send - send the lines of standard input, or of -m, to a room
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "client/joint.h"
#include "clock.h"
#include "show.h"
#include "signals.h"
#include "tls.h"

static const char help[] =
    "usage: chat-send [-rs] [-k key] [-m text] [-n name] [-w seconds]\n"
    "                 [address,...]\n"
    "\n"
    "  -k key      prove who you are with the key in this file\n"
    "  -m text     send this text instead of standard input; can be repeated\n"
    "  -n name     put this name before each line\n"
    "  -r          reconnect after a cut, and go on where it was\n"
    "  -s          repair lines that would be refused, and send them\n"
    "  -w seconds  with -r: give up after this long without a room\n"
    "  -h, --help  show this help\n"
    "  --version   show the version\n"
    "\n"
    "example: tail -n 0 -F app.log | chat-send -r -n app room.example.org\n";

/* One more line, or several. */
static char *
append_text(char *text, const char *line)
{
	size_t len = text == NULL ? 0 : strlen(text), n = strlen(line);

	text = realloc(text, len + n + sizeof("\n"));
	if (text == NULL)
		err(2, "-m");
	memcpy(text + len, line, n);
	(void)strlcpy(text + len + n, "\n", sizeof("\n"));
	return text;
}

int
main(int argc, char **argv)
{
	struct joint_options o = {
		.wait = CLOCK_NEVER, .patience = CLOCK_NEVER
	};
	const char *key = NULL;
	char *text = NULL;
	int c, status;

	signals_begin();
	cli_standard_descriptors();
	show_locale();
	o.hello.role = ROLE_SEND;
	while ((c = cli_next(argc, argv, "k:m:n:rsw:", help)) != -1) {
		switch (c) {
		case 'k':
			key = optarg;
			break;
		case 'm':
			text = append_text(text, optarg);
			break;
		case 'n':
			o.name = cli_name(c, optarg);
			o.insists = true;
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
	if (o.name == NULL)
		o.name = cli_default_name();
	cli_address(&o.room, argc - optind, argv + optind, true);
	o.tls = cli_key(key, &o.room);
	o.text = text;
	status = joint_run(&o);
	free(text);
	tls_context_free(o.tls);
	addr_list_free(&o.room);
	return status;
}
