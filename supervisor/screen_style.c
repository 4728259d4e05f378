/* SPDX-License-Identifier: ISC */
/* screen_style: see screen_style.h. In the supervisor. */
#include "supervisor/screen_style.h"

#include "supervisor/canvas.h"

#define NONE (-1) /* as the terminal is */

static const struct {
	attr_t plain; /* without colour */
	attr_t with;  /* beside the colours */
	short front, back;
} styles[CANVAS_STYLES] = {
    [CANVAS_PLAIN] = {A_NORMAL, A_NORMAL, NONE, NONE},
    [CANVAS_STRONG] = {A_BOLD, A_BOLD, NONE, NONE},
    [CANVAS_FAINT] = {A_DIM, A_DIM, NONE, NONE},
    [CANVAS_GOOD] = {A_NORMAL, A_NORMAL, COLOR_GREEN, NONE},
    [CANVAS_BAD] = {A_BOLD, A_BOLD, COLOR_RED, NONE},
    [CANVAS_COMPUTE] = {A_NORMAL, A_NORMAL, COLOR_GREEN, NONE},
    [CANVAS_WAIT] = {A_NORMAL, A_NORMAL, COLOR_CYAN, NONE},
    [CANVAS_NOTICE] = {A_BOLD, A_NORMAL, COLOR_YELLOW, NONE},
    [CANVAS_BAR] = {A_UNDERLINE, A_NORMAL, COLOR_BLACK, COLOR_GREEN},
    [CANVAS_BAR_ON] = {A_REVERSE, A_NORMAL, COLOR_BLACK, COLOR_CYAN},
};

static bool colored;

void
screen_style_init(bool color)
{
	colored = color && has_colors() && start_color() == OK;
	if (!colored) {
		return;
	}
	use_default_colors();
	for (int i = 0; i < CANVAS_STYLES; i++) {
		init_pair((short)(i + 1), styles[i].front, styles[i].back);
	}
}

void
screen_style_get(uint8_t style, attr_t *attributes, short *pair)
{
	*attributes = colored ? styles[style].with : styles[style].plain;
	*pair = colored ? (short)(style + 1) : 0;
}
