/*
 * chat-etcd - keep the log of a room in etcd
 */
#include <err.h>
#include <libutil.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "helper.h"
#include "log.h"
#include "loop.h"
#include "sandbox.h"
#include "signals.h"
#include "wire.h"

#define LEAST		((uint64_t)64 * 1024 * 1024)
#define MOST		((uint64_t)1024 * 1024 * 1024)
#define SIZE_LIMIT	((uint64_t)1 << 50)
#define NAME_CHARS	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789.-_"

static const char help[] =
    "usage: chat-etcd [-v] [-C file] [-c file] [-k file] [-M size] [-m size]\n"
    "                 endpoint[,endpoint ...]/name\n"
    "\n"
    "  -C file     use TLS with members that this file vouches for\n"
    "  -c file     prove who we are with the certificate in this file\n"
    "  -k file     the key of that certificate\n"
    "  -M size     bytes of a log, over which slow nodes are left behind\n"
    "  -m size     bytes of a log that are kept in any case, as in 64M\n"
    "  -v          also log each try to connect\n"
    "  -h, --help  show this help\n"
    "  --version   show the version\n"
    "\n"
    "example: chatd -s lounge -L 'exec chat-etcd localhost/lounge' :5555\n";

/* What the command line names. */
struct options {
	const char	*ca;
	const char	*certificate;
	const char	*key;
};

static uint64_t
parse_size(int c, const char *s)
{
	uint64_t size;

	if (strchr(s, '-') != NULL || expand_number(s, &size) == -1)
		errx(2, "-%c %s: not a size, such as 64M or 1G", c, s);
	if (size == 0 || size > SIZE_LIMIT)
		errx(2, "-%c %s: too %s", c, s, size == 0 ? "small" : "large");
	return size;
}

static void
parse_options(struct helper *h, struct options *o, int argc, char **argv)
{
	int c;

	h->least = LEAST;
	h->most = MOST;
	while ((c = cli_next(argc, argv, "C:c:k:M:m:v", help)) != -1) {
		switch (c) {
		case 'C':
			o->ca = optarg;
			break;
		case 'c':
			o->certificate = optarg;
			break;
		case 'k':
			o->key = optarg;
			break;
		case 'M':
			h->most = parse_size(c, optarg);
			break;
		case 'm':
			h->least = parse_size(c, optarg);
			break;
		case 'v':
			h->verbose = true;
			break;
		}
	}
	if ((o->certificate == NULL) != (o->key == NULL))
		errx(2, "-c and -k: only together");
	if (o->certificate != NULL && o->ca == NULL)
		errx(2, "-c: only with -C");
	if (h->least > h->most)
		errx(2, "-m: more than -M");
}

static void
check_name(const char *what, const char *name, size_t max)
{
	if (name[0] == '\0')
		errx(2, "%s is empty", what);
	if (name[strspn(name, NAME_CHARS)] != '\0')
		errx(2, "%s %s: only letters, digits, dots, - and _ may be in "
		    "it", what, name);
	if (strlen(name) > max)
		errx(2, "%s %s: longer than %zu characters", what, name, max);
}

static void
parse_log(struct helper *h, const char *s)
{
	const char *slash = strrchr(s, '/'), *which, *wrong;

	if (slash == NULL)
		errx(2, "%s: the name of the log is missing, as in "
		    "localhost:2379/lounge", s);
	check_name("log", slash + 1, HELPER_NAME_MAX);
	if (slash == s)
		errx(2, "%s: a host is missing before the log, as in "
		    "localhost:2379/lounge", s);
	wrong = endpoints_parse(&h->endpoints, s, (size_t)(slash - s), &which);
	if (wrong != NULL)
		errx(2, "%s: %s", which, wrong);
	(void)snprintf(h->log_key, sizeof(h->log_key), "chat/%s", slash + 1);
	(void)snprintf(h->ident_key, sizeof(h->ident_key), "chat/%s/ident",
	    slash + 1);
	(void)snprintf(h->keeps_key, sizeof(h->keeps_key), "chat/%s/keep/",
	    slash + 1);
}

/* chatd tells its helper which node it is. */
static void
parse_node(struct helper *h)
{
	const char *node = getenv("CHATD_NODE");

	if (node == NULL)
		errx(2, "CHATD_NODE is not set; this is a helper of chatd, "
		    "which starts it");
	check_name("CHATD_NODE", node, HELPER_NODE_MAX);
	(void)snprintf(h->keep_key, sizeof(h->keep_key), "%s%s", h->keeps_key,
	    node);
}

/* Files are read and processes forked: nothing of that is done from now on. */
static void
confine(void)
{
	char lack[SANDBOX_LACK];

	if (sandbox_enter(SANDBOX_PIPE, -1, NULL, -1, lack) == -1)
		log_event("the sandbox lacks %s", lack);
}

int
main(int argc, char **argv)
{
	static struct helper h;
	struct options o = { NULL, NULL, NULL };
	int status;

	signals_begin();
	cli_standard_descriptors();
	parse_options(&h, &o, argc, argv);
	argc -= optind;
	argv += optind;
	if (argc != 1)
		errx(2, argc == 0 ? "say which log, as in "
		    "localhost:2379/lounge" : "give only one log");
	parse_log(&h, argv[0]);
	parse_node(&h);
	log_open();
	log_name("chat-etcd");
	(void)signal(SIGPIPE, SIG_IGN);
	if (room_init(&h.room, STDIN_FILENO, STDOUT_FILENO) == -1)
		err(1, "standard input and output");
	if (o.ca != NULL)
		h.context = wire_context(o.ca, o.certificate, o.key);
	if (endpoints_open(&h.endpoints) == -1)
		err(1, "fork");
	confine();
	status = loop_run(&h);
	room_free(&h.room);
	endpoints_close(&h.endpoints);
	wire_context_free(h.context);
	return status == 0 ? 0 : 1;
}
