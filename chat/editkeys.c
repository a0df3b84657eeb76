/*
 * Key bindings beside those of readline and inputrc
 */
#include <stddef.h>
#include <stdio.h>

#include <readline/readline.h>

#include "editkeys.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* Readline asks terminfo for these only when it draws by itself. */
static const struct key {
	const char	*seq;
	rl_command_func_t *function;
} keys[] = {
	{ "\033[H", rl_beg_of_line },
	{ "\033[1~", rl_beg_of_line },
	{ "\033[7~", rl_beg_of_line },
	{ "\033[F", rl_end_of_line },
	{ "\033[4~", rl_end_of_line },
	{ "\033[8~", rl_end_of_line },
	{ "\033[3~", rl_delete },
	{ "\033[1;5C", rl_forward_word },
	{ "\033[1;5D", rl_backward_word }
};

/* These open files, or ask who has which home. */
static rl_command_func_t *const unwanted[] = {
	rl_re_read_init_file, rl_tilde_expand, rl_vi_tilde_expand
};

/* This one does any of them by its name, where readline has it (8.3). */
#define ANY	"exec_program-named-command"

static rl_command_func_t *const clearing[] = {
	rl_clear_screen, rl_clear_display
};

/* Have all keys of the map that did one thing do another. */
static void
replace(Keymap map, rl_command_func_t *old, rl_command_func_t *new)
{
	int i;

	for (i = 0; i < KEYMAP_SIZE; i++) {
		if (map[i].type == ISFUNC && map[i].function == old)
			map[i].function = new;
	}
}

static void
bind_in(Keymap map)
{
	size_t i;

	for (i = 0; i < COUNT(keys); i++)
		(void)rl_bind_keyseq_if_unbound_in_map(keys[i].seq,
		    keys[i].function, map);
}

void
editkeys_bind(int (*clear)(int count, int key))
{
	Keymap maps[] = { emacs_standard_keymap, emacs_meta_keymap,
	    emacs_ctlx_keymap, vi_insertion_keymap, vi_movement_keymap };
	size_t i, j;

	for (i = 0; i < COUNT(maps); i++) {
		for (j = 0; j < COUNT(unwanted); j++)
			(void)rl_unbind_function_in_map(unwanted[j], maps[i]);
		(void)rl_unbind_command_in_map(ANY, maps[i]);
		for (j = 0; j < COUNT(clearing); j++)
			replace(maps[i], clearing[j], clear);
	}
	bind_in(emacs_standard_keymap);
	bind_in(vi_insertion_keymap);
	bind_in(vi_movement_keymap);
}
