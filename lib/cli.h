/*
 * Command lines: what getopt(3) leaves to each program
 */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "ctl.h"
#include "tls.h"

#define CLI_NAME_MAX	255		/* bytes of a name */
#define CLI_SPAN_MAX	((uint64_t)100 * 365 * 24 * 60 * 60) /* seconds of
					   a span: 100 years */

/*
 * Returns the next option, as getopt(3) does with optarg and optind, or -1 at
 * the end. options are those of the program, without -h. -h and --help print
 * help, and --version the version, on standard output, and exit with status 0.
 * A wrong option prints the usage on standard error and exits with status 2.
 *
 * help ends with LF and has these parts, with an empty line between them:
 *
 *	usage: NAME ...		the synopsis of the manual page
 *	  -x value  ...		a line for each option, in two columns
 *	example: COMMAND
 *
 * test/help.bats compares it with the page and the completions.
 */
int	 cli_next(int argc, char **argv, const char *options,
	    const char *help);

/*
 * The value s of the option -c. If it is wrong, an error that names the option
 * ends the program with status 2. cli_name() returns s.
 */
uint64_t cli_number(int c, const char *s, uint64_t min, uint64_t max);
int64_t	 cli_milliseconds(int c, const char *s);
const char	*cli_name(int c, const char *s); /* to put before lines */

/* The name in $CHAT_NAME, or NULL if that is not set, or empty. A wrong one
 * ends the program with status 2. */
const char	*cli_default_name(void);

/*
 * Ask for earlier lines in h, which asks for none yet: as many as the value s
 * of the option -c says, as in "10", or all that were said in the time up to
 * now, as in "10m". A wrong value ends the program with status 2.
 */
void	 cli_history(int c, const char *s, struct hello *h);

/*
 * Fill in list with the addresses of the room that a client connects to: the
 * one operand, else $CHAT_ADDRESS, else localhost; list points into it and is
 * the caller's to free. A wrong one ends the program with status 2. If sends,
 * and the operand looks like a text, the error says how to give text instead.
 */
void	 cli_address(struct addr_list *list, int argc, char **argv, bool sends);

/*
 * Load the key file path or, if that is NULL, the one that $CHAT_KEY names, for
 * the room at those addresses. Returns a context that the caller frees, or NULL
 * if no key is named, or if all are Unix sockets: then the file isn't read. A
 * file that is wrong ends the program with status 2.
 */
struct tls_context	*cli_key(const char *path,
			    const struct addr_list *list);

/*
 * Occupy those of the descriptors 0, 1 and 2 that are closed, so that no file
 * or socket gets their numbers. They stay unusable: they are opened for writing
 * where the program reads, and for reading where it writes.
 */
void	 cli_standard_descriptors(void);

#endif
