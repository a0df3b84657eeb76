/*
 * Control: what the keeper tells the room process to do
 */
#ifndef CONTROL_H
#define CONTROL_H

struct server;

/*
 * Receive one message and obey it: stop, log the counters, read the keys again,
 * learn a user's name, or prepare an upgrade. It exits if the keeper has
 * ended.
 */
void	 control_obey(struct server *s);

#endif
