/*
 * What a process may use and has used
 */
#ifndef PROC_H
#define PROC_H

#include <sys/types.h>

#include <stdint.h>

uint64_t clock_ns(void);
uint64_t proc_cpu(pid_t);
double	 proc_memory(pid_t);
void	 proc_descriptors(void);

#endif
