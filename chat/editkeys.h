/*
 * Which keys do what, beside what readline and inputrc say
 */
#ifndef EDITKEYS_H
#define EDITKEYS_H

/* clear is to be called where readline would clear the screen itself. */
void	 editkeys_bind(int (*clear)(int count, int key));

#endif
