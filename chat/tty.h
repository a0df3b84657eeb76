/*
 * The terminal's modes
 *
 * The shell needs the modes that it had before, so every way out of the process
 * restores them: tty_restore(), exit(3), and a crash.
 */
#ifndef TTY_H
#define TTY_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes of the keys that mean a signal, or -1: see termios(3), ISIG. */
struct tty_signals {
	int	 intr;
	int	 susp;
	int	 quit;
};

struct tty_size {
	size_t	 rows;
	size_t	 cols;
};

/* Save the modes, and find the keys that mean a signal. With focus, the
 * terminal shall report whether it has it. Returns 0, or -1 with errno. */
int	 tty_open(struct tty_signals *keys, bool focus);

/* Whether another process group is the one that has the terminal. */
bool	 tty_in_background(void);

/* Set the modes that tty_open() has saved. In the background, this stops the
 * process (SIGTTOU). Returns 0, or -1 with errno. */
int	 tty_claim(void);

/* Set modes in which every key comes as bytes, pastes come marked, and the
 * focus is reported if it shall be. Returns 0, or -1 with errno. */
int	 tty_raw(void);

/* Whether tty_raw() has changed the modes, and nobody has restored them. */
bool	 tty_is_raw(void);

/*
 * Restore the modes that tty_open() has saved, if tty_raw() has changed them.
 * In the background they are left as they are if others have set theirs, but
 * the terminal is told to report the focus no more.
 */
void	 tty_restore(void);

/* Write all of it to the terminal. Returns 0, or -1 with errno. */
int	 tty_write(const char *s, size_t len);

/* The size of the terminal, or 24 rows of 80 columns if it has none. */
void	 tty_size(struct tty_size *size);

#endif
