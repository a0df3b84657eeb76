/*
 * Plurals of what is counted
 */
#include "plural.h"

const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}
