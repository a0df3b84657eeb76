/*
 * In place of the parts that would make a difference between two runs: the
 * clock, and the log
 */
#ifndef FAKE_H
#define FAKE_H

#include <stdint.h>

/* It is that late now, in milliseconds, and stays so. */
void	 fake_set(int64_t now);

/* Some time goes by. */
void	 fake_pass(int64_t ms);

#endif
