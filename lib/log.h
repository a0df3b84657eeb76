/*
 * The log: one line on standard error for each event
 *
 * The room never waits for whoever reads its log. A line that would block is
 * dropped, and the next one that goes out says how many were.
 */
#ifndef LOG_H
#define LOG_H

#include <stddef.h>

/*
 * Have the time stand before each event, unless standard error is systemd's
 * journal, which has one of its own. Without this there is none.
 */
void	 log_open(void);

/* Log an event: "chatd: " is put before it and an LF after it. Everything in
 * it is made safe to show, so text from clients may be in it, and on a terminal
 * all rows but the first are indented. The line is cut to PIPE_BUF bytes. */
void	 log_event(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2)));

#endif
