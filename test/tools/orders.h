/*
 * Orders: what a test has the fake log do
 */
#ifndef ORDERS_H
#define ORDERS_H

/*
 * Carry out an order, which is overwritten. Returns "ok", with a space and the
 * answer if it asks for something, or the reason why not: good until the next
 * call.
 */
const char	*order(char *line);

#endif
