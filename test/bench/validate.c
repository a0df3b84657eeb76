/*
 * validate - how fast text_check() goes through lines
 *
 * Prints MB/s for each kind of text, in lines of 80 and of 4095 bytes. What
 * counts is the best of several rounds: the others were disturbed.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "text.h"

#define ROUNDS		9
#define BYTES		(64 * 1024 * 1024)	/* checked in each */

static const struct {
	const char	*name;
	const char	*text;
} kinds[] = {
	{ "ascii", "The quick brown fox jumps over the lazy dog; it was not "
	    "amused, and said so. " },
	{ "latin", "H\xc3\xb6lzerne Gr\xc3\xbc\xc3\x9f" "e, d\xc3\xa9j\xc3\xa0 "
	    "vu: na\xc3\xafve caf\xc3\xa9s \xc3\xa0 c\xc3\xb4t\xc3\xa9. " },
	{ "cyrillic", "\xd1\x81\xd1\x8a\xd0\xb5\xd1\x88\xd1\x8c "
	    "\xd0\xb5\xd1\x89\xd1\x91 \xd1\x8d\xd1\x82\xd0\xb8\xd1\x85 " },
	{ "cjk", "\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97\xe7\xac\xa6\xe6\x98\xaf"
	    "\xe8\xbf\x99\xe6\xa0\xb7\xe7\x9a\x84\xe3\x80\x82" },
	{ "mixed", "deploy \xe4\xb8\xad\xe6\x96\x87 done \xf0\x9f\x98\x80 in "
	    "caf\xc3\xa9, 12 of 12 hosts answered in time. " },
};

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* A line of the text again and again, up to size bytes of whole characters. */
static size_t
fill(char *line, const char *text, size_t size)
{
	size_t len = 0, used, n;

	do {
		n = text_repair(line + len, size - len, text, strlen(text),
		    &used);
		len += n;
	} while (used == strlen(text));
	return len;
}

/* In millions of bytes a second. */
static double
measure(const char *line, size_t len)
{
	size_t i, bad = 0, n = BYTES / len;
	double best = 0, start, speed;
	struct text_fault f;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		start = now();
		for (i = 0; i < n; i++)
			bad += !text_check(line, len, &f);
		speed = (double)(n * len) / (now() - start) / 1e6;
		best = speed > best ? speed : best;
	}
	return bad == 0 ? best : 0;
}

int
main(void)
{
	static const size_t sizes[] = { 80, TEXT_MAX };
	static char line[TEXT_MAX];
	size_t i, k, len;

	printf("%-10s %10s %10s   MB/s\n", "", "80 bytes", "4095 bytes");
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		printf("%-10s", kinds[i].name);
		for (k = 0; k < 2; k++) {
			len = fill(line, kinds[i].text, sizes[k]);
			printf(" %10.0f", measure(line, len));
		}
		printf("\n");
	}
	return 0;
}
