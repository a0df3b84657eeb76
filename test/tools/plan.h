/*
 * The plan of fault.so: which call goes wrong, and how
 */
#ifndef PLAN_H
#define PLAN_H

#define PLAN_SHORT	(-1)		/* do one byte of it */
#define PLAN_HALF	(-2)		/* do half of it */
#define PLAN_TERM	(-4)		/* do it, and get SIGTERM */

/*
 * What is to become of this call of a function: 0 nothing, PLAN_SHORT,
 * PLAN_HALF, PLAN_TERM, or an errno. Keeps errno. What the plan itself calls is
 * let alone.
 */
int	 plan_call(const char *function);

#endif
