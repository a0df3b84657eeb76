/*
 * What the unit tests share
 *
 * A test is a function that checks; the first check that fails ends it. Each
 * file is a suite: an array of tests, closed by one without a name.
 */
#ifndef UNIT_H
#define UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct test {
	const char	*shows;		/* what it shows, in words */
	void		(*run)(void);
};

extern const struct test addr_tests[], catchup_tests[], clock_tests[],
    ctl_tests[], etcd_tests[], flush_tests[], helper_tests[], incoming_tests[],
    intake_tests[], key_tests[], line_tests[], lives_tests[], logline_tests[],
    membership_tests[], nodes_tests[], patience_tests[], peer_tests[],
    presence_tests[], ratelimit_tests[], record_tests[], replica_tests[],
    replicastore_tests[], retry_tests[], ring_tests[], sendq_tests[],
    server_tests[], session_tests[], show_tests[], sniff_tests[], state_tests[],
    store_tests[], text_tests[], tls_tests[], wrap_tests[];

/* The rest of the arguments, printf's, says which case of many it was. */
#define CHECK(expr)	CHECK_IN(expr, " ")
#define CHECK_IN(expr, ...) \
	((expr) ? (void)0 : unit_fail(__FILE__, __LINE__, #expr, __VA_ARGS__))

/* Both strings are shown when they aren't the same; NULL is one, too. */
#define CHECK_STR(got, want) \
	unit_same(__FILE__, __LINE__, #got, got, want)

void	 unit_fail(const char *file, int line, const char *expr,
	    const char *fmt, ...)
	    __attribute__((noreturn, format(printf, 4, 5)));
void	 unit_same(const char *file, int line, const char *expr,
	    const char *got, const char *want);

/* A number below n, from a sequence that is the same in every run, or in every
 * run with that seed. */
uint32_t unit_random(uint32_t n);
void	 unit_seed(uint64_t seed);

#endif
