/*
 * The terminal's modes
 *
 * They belong to whoever uses the terminal after us, so every way out of the
 * process puts them back: tty_restore(), the exit(3) of anybody, and a crash.
 */
#ifndef TTY_H
#define TTY_H

#include <stdbool.h>
#include <stddef.h>

/* The keys that mean a signal; -1 for one that the user doesn't have. */
struct tty_signals {
	int	 intr;
	int	 susp;
	int	 quit;
};

struct tty_size {
	size_t	 rows;
	size_t	 cols;
};

/* Remember the modes, and which keys signal. Returns 0, or -1 with errno. */
int	 tty_open(struct tty_signals *keys);

/* Every key comes as it is, and pastes come marked. 0, or -1 with errno. */
int	 tty_raw(void);

/* Put back what tty_open() found; does nothing if that's how it is. */
void	 tty_restore(void);

/* Write all of it to the terminal. Returns 0, or -1 with errno. */
int	 tty_write(const char *s, size_t len);

void	 tty_size(struct tty_size *size);

#endif
