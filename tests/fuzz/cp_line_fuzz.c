// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of the operator's link. However the bytes are cut into reads, the same objects come out, and what comes out
// survives being written and read again. The first byte is the size of a read.
#include <errno.h>

#include <fuzz.h>
#include <oplink/line.h>

enum { LINES_MAX = 64 };

struct heard {
	json_t *object[LINES_MAX];
	size_t n;
	int end; // 0, or the error that ended it
};

static void feed(struct heard *heard, const uint8_t *bytes, size_t size, size_t piece)
{
	struct cp_line line = {0};

	*heard = (struct heard){0};
	while (size > 0 && heard->end == 0 && heard->n < LINES_MAX) {
		size_t room = 0;
		char *at = cp_line_room(&line, &room, &heard->end);

		FUZZ_ASSERT(at && room > 0 && heard->end == 0);
		room = room < piece ? room : piece;
		room = room < size ? room : size;
		memcpy(at, bytes, room);
		cp_line_filled(&line, room);
		bytes += room;
		size -= room;
		do {
			heard->end = cp_line_take(&line, &heard->object[heard->n]);
			heard->n += heard->end > 0;
		} while (heard->end > 0 && heard->n < LINES_MAX);
		heard->end = heard->end > 0 ? 0 : heard->end;
		FUZZ_ASSERT(heard->end == 0 || heard->end == -EBADMSG);
	}
	cp_line_fini(&line);
}

static void check_again(const json_t *object)
{
	struct heard again;
	size_t n = 0;
	char *text = cp_line_text(object, &n);

	FUZZ_ASSERT(text && n > 2 && text[n - 1] == '\n' && !memchr(text, '\n', n - 1));
	feed(&again, (const uint8_t *)text, n, n);
	FUZZ_ASSERT(again.n == 1 && again.end == 0 && json_equal(again.object[0], object));
	json_decref(again.object[0]);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heard whole, cut;

	if (size < 1)
		return 0;
	feed(&whole, data + 1, size - 1, size);
	feed(&cut, data + 1, size - 1, (size_t)data[0] + 1);
	FUZZ_ASSERT(whole.n == cut.n && whole.end == cut.end);
	for (size_t i = 0; i < whole.n; i++) {
		FUZZ_ASSERT(json_is_object(whole.object[i]) && json_equal(whole.object[i], cut.object[i]));
		check_again(whole.object[i]);
		json_decref(whole.object[i]);
		json_decref(cut.object[i]);
	}
	return 0;
}
