/*
 * Key bindings beside those of readline and inputrc
 */
#ifndef EDITKEYS_H
#define EDITKEYS_H

/* Bind the keys that readline would learn from terminfo, and unbind functions
 * that open files. Call clear where readline would clear the screen. */
void	 editkeys_bind(int (*clear)(int count, int key));

#endif
