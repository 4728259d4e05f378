/* SPDX-License-Identifier: ISC */
/* screen_style: what the styles of a canvas are on a terminal, in colour or without. For screen.c. */
#ifndef SUPERVISOR_SCREEN_STYLE_H
#define SUPERVISOR_SCREEN_STYLE_H

#include <curses.h>
#include <stdbool.h>
#include <stdint.h>

void screen_style_init(bool color); /* after newterm(3) */
void screen_style_get(uint8_t style, attr_t *, short *pair);

#endif
