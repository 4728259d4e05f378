/* SPDX-License-Identifier: ISC */
/* top_keys: what keys do to the view; see top_view.h. In the supervisor. */
#include <string.h>
#include <wchar.h>

#include "supervisor/top_view.h"

#define FILTER_MOST 60 /* bytes */
#define CONTROL(c)  ((c)&31)
#define ESCAPE      CONTROL('[')

static void
scroll(struct top_view *view, bool down, size_t by)
{
	size_t *first = &view->first[view->list], page = view->page[view->list];
	size_t count = top_view_count(view, view->list), last = count > page ? count - page : 0;

	if (down != (view->list == TOP_OUTPUT)) { /* whose newest line is below */
		*first = *first + by < last ? *first + by : last;
	} else {
		*first = *first > by ? *first - by : 0;
	}
}

static void
set_sort(struct top_view *view, int by)
{
	view->sort = (enum top_sort)(((int)view->sort + by + TOP_SORTS) % TOP_SORTS);
	view->first[TOP_TASKS] = 0;
	top_view_resort(view);
}

static void
set_list(struct top_view *view, int by)
{
	do {
		view->list = (enum top_list)(((int)view->list + by + TOP_LISTS) % TOP_LISTS);
	} while (!top_view_has(view, view->list));
}

static void
filter_changed(struct top_view *view)
{
	text_terminate(&view->filter);
	memset(view->first, 0, sizeof(view->first));
	top_view_resort(view);
}

static void
filter_add(struct top_view *view, int key)
{
	char bytes[16];
	mbstate_t state = {0};
	size_t len = wcrtomb(bytes, (wchar_t)key, &state);

	if (len != (size_t)-1 && view->filter.len + len <= FILTER_MOST) {
		text_bytes(&view->filter, bytes, len);
	}
}

static void
filter_take(struct top_view *view)
{
	size_t len = view->filter.len;

	while (len > 0 && ((unsigned char)view->filter.data[len - 1] & 0xc0) == 0x80) {
		len--; /* bytes that follow the first of a character */
	}
	view->filter.len = len > 0 ? len - 1 : 0;
}

/* While the filter is typed. */
static enum top_answer
type(struct top_view *view, int key)
{
	switch (key) {
	case '\r':
	case '\n':
		view->typing = false;
		break;
	case ESCAPE:
		view->typing = false;
		text_clear(&view->filter);
		break;
	case TOP_KEY_BACKSPACE:
	case CONTROL('H'):
	case 127:
		filter_take(view);
		break;
	case CONTROL('U'):
		text_clear(&view->filter);
		break;
	default:
		if (key < ' ' || key >= TOP_KEY_UP) {
			return TOP_IGNORED;
		}
		filter_add(view, key);
	}
	filter_changed(view);
	return TOP_CHANGED;
}

/* Where in the list. */
static enum top_answer
move(struct top_view *view, int key)
{
	size_t page = view->page[view->list] > 1 ? view->page[view->list] - 1 : 1;

	switch (key) {
	case TOP_KEY_UP:
	case 'k':
		scroll(view, false, 1);
		return TOP_CHANGED;
	case TOP_KEY_DOWN:
	case 'j':
		scroll(view, true, 1);
		return TOP_CHANGED;
	case TOP_KEY_PAGE_UP:
		scroll(view, false, page);
		return TOP_CHANGED;
	case TOP_KEY_PAGE_DOWN:
	case ' ':
		scroll(view, true, page);
		return TOP_CHANGED;
	case TOP_KEY_HOME:
	case 'g':
		scroll(view, false, SIZE_MAX / 2);
		return TOP_CHANGED;
	case TOP_KEY_END:
	case 'G':
		scroll(view, true, SIZE_MAX / 2);
		return TOP_CHANGED;
	default:
		return TOP_IGNORED;
	}
}

enum top_answer
top_view_key(struct top_view *view, int key)
{
	if (view->typing) {
		return type(view, key);
	}
	if (view->help) {
		view->help = false; /* any key */
		return TOP_CHANGED;
	}
	switch (key) {
	case 'q':
	case 'Q':
		return TOP_LEAVE;
	case '?':
	case 'h':
		view->help = true;
		return TOP_CHANGED;
	case '\t':
		set_list(view, 1);
		return TOP_CHANGED;
	case TOP_KEY_BACK_TAB:
		set_list(view, -1);
		return TOP_CHANGED;
	case 's':
	case TOP_KEY_RIGHT:
		set_sort(view, 1);
		return TOP_CHANGED;
	case TOP_KEY_LEFT:
		set_sort(view, -1);
		return TOP_CHANGED;
	case 'r':
		view->reverse = !view->reverse;
		set_sort(view, 0);
		return TOP_CHANGED;
	case '/':
	case 'f':
		view->typing = true;
		return TOP_CHANGED;
	case ESCAPE:
		text_clear(&view->filter);
		filter_changed(view);
		return TOP_CHANGED;
	default:
		return move(view, key);
	}
}
