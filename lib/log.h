/*
 * The log: one line on standard error for each event
 *
 * Logging never blocks. A line that standard error can't take at once is
 * dropped, and the next one that is written says how many were.
 */
#ifndef LOG_H
#define LOG_H

#include <stddef.h>

/*
 * Put the time before each event from now on, unless standard error is
 * systemd's journal, which adds its own.
 */
void	 log_open(void);

/* Put name, of at most 29 bytes, and ": " before each event from now on, not
 * "chatd: ". */
void	 log_name(const char *name);

/*
 * Log an event, with "chatd: " before it and an LF after it. It may contain
 * text from clients: all of it is made safe to show. On a terminal, all rows
 * but the first are indented. The line is cut to PIPE_BUF bytes.
 */
void	 log_event(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2)));

#endif
