/*
 * Command lines: what getopt(3) leaves to each program
 */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "tls.h"

#define CLI_NAME_MAX	255		/* bytes of a name */

/*
 * The next option as getopt(3) gives it, with optarg and optind, or -1. Takes
 * care of --help and --version, and of wrong options: shows usage, which ends
 * with LF, and ends the program, with status 2 if it was a mistake.
 */
int	 cli_next(int argc, char **argv, const char *options,
	    const char *usage);

/* Show the usage on standard error and end the program with status 2. */
void	 cli_usage(const char *usage) __attribute__((noreturn));

/* Values of the option -c: each ends the program, naming it, if it's wrong. */
uint64_t cli_number(int c, const char *s, uint64_t min, uint64_t max);
int64_t	 cli_milliseconds(int c, const char *s);
const char	*cli_name(int c, const char *s); /* lines may begin with it */

/*
 * The room a client is to connect to: its one operand, else $CHAT_ADDRESS,
 * else localhost. A wrong one ends the program; a client that only sends is
 * told where text goes, if that seems to be some.
 */
void	 cli_address(struct addr *a, int argc, char **argv, bool sends);

/*
 * What it takes to show the room at a the key in the file path, or in $CHAT_KEY
 * if that is NULL: to be freed. NULL if no key is named, or a is a Unix socket:
 * then the file isn't read.
 */
struct tls_context	*cli_key(const char *path, const struct addr *a);

/*
 * See to it that no file or socket gets the descriptor 0, 1 or 2. One that is
 * closed stays unusable: reading from it, or writing to it, is an error.
 */
void	 cli_standard_descriptors(void);

#endif
