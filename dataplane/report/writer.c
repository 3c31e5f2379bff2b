// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/writer.h"

#include <errno.h>
#include <stdlib.h>

#include "report/report.h"

static char *take(struct dp_writer *writer)
{
	char *text = writer->text;

	writer->text = NULL;
	writer->busy = text != NULL;
	return text;
}

static void *write_texts(void *context)
{
	struct dp_writer *writer = context;

	pthread_mutex_lock(&writer->lock);
	for (;;) {
		char *text = take(writer);

		if (!text && writer->ending)
			break;
		if (!text) {
			pthread_cond_wait(&writer->wake, &writer->lock);
			continue;
		}
		pthread_mutex_unlock(&writer->lock);
		int rc = dp_report_put(writer->path, text);

		free(text);
		pthread_mutex_lock(&writer->lock);
		writer->error = rc;
	}
	pthread_mutex_unlock(&writer->lock);
	return NULL;
}

int dp_writer_start(struct dp_writer *writer, const char *path)
{
	*writer = (struct dp_writer){.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};
	writer->path = path;
	int rc = pthread_create(&writer->thread, NULL, write_texts, writer);

	if (rc)
		writer->path = NULL;
	return -rc;
}

bool dp_writer_free(struct dp_writer *writer)
{
	pthread_mutex_lock(&writer->lock);
	bool is_free = !writer->text && !writer->busy;

	pthread_mutex_unlock(&writer->lock);
	return is_free;
}

void dp_writer_give(struct dp_writer *writer, char *text)
{
	pthread_mutex_lock(&writer->lock);
	free(writer->text);
	writer->text = text;
	if (!text)
		writer->error = -ENOMEM;
	pthread_cond_signal(&writer->wake);
	pthread_mutex_unlock(&writer->lock);
}

int dp_writer_error(struct dp_writer *writer)
{
	pthread_mutex_lock(&writer->lock);
	int error = writer->error;

	writer->error = 0;
	pthread_mutex_unlock(&writer->lock);
	return error;
}

void dp_writer_end(struct dp_writer *writer)
{
	if (!writer->path)
		return;
	pthread_mutex_lock(&writer->lock);
	writer->ending = true;
	pthread_cond_signal(&writer->wake);
	pthread_mutex_unlock(&writer->lock);
	pthread_join(writer->thread, NULL);
	writer->path = NULL;
}
