// SPDX-License-Identifier: GPL-3.0-or-later
// The statistics file, written by a thread of its own: a file system may take seconds to put a file in the place of
// another, and main has orders, periods and the controller to look after meanwhile.
//
// Threads: main calls; the writer's own thread touches the file. Owns: the text that waits, and the one being written.
// Errors: -errno of starting; of writing, as dp_writer_error has it.
#pragma once

#include <pthread.h>
#include <stdbool.h>

struct dp_writer {
	const char *path; // NULL: it does not run
	pthread_t thread;
	pthread_mutex_t lock; // of what follows
	pthread_cond_t wake;
	char *text; // that waits, or NULL
	bool busy, ending;
	int error; // of the last write
};

// Starts the thread. `path` BORROWED until dp_writer_end. 0 or -errno; then it does not run.
int dp_writer_start(struct dp_writer *writer, const char *path);

// False while a text waits or is being written: another is not worth making.
bool dp_writer_free(struct dp_writer *writer);

// Writes a text, GIVEN, as soon as may be. NULL is want of memory.
void dp_writer_give(struct dp_writer *writer, char *text);

// What the write before has met with, once: 0 or -errno.
int dp_writer_error(struct dp_writer *writer);

// Waits until what was given is written, and ends the thread. One that does not run is left alone.
void dp_writer_end(struct dp_writer *writer);
