/*
 * Wildness: the mischief of a log, from the numbers of one seed
 */
#ifndef WILD_H
#define WILD_H

#include <stdbool.h>
#include <stdint.h>

/* Of a hundred opportunities rate are taken, and nothing is put off by more
 * than delay milliseconds. With rate 0 nothing ever happens. */
void	 wild_init(uint64_t seed, unsigned rate, unsigned delay);

/* A number below n, which is not 0. */
uint64_t wild_below(uint64_t n);

/* Whether to do mischief now: each rarer-th time that one is due. */
bool	 wild_now(unsigned rarer);

/* A time to do something at: now, or later if that is mischief enough. */
int64_t	 wild_later(int64_t now);

#endif
