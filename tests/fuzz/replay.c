// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a fuzz target over the files of its corpus, for builds without libFuzzer.
//
//   fuzz-<name> CORPUS_DIR SEEDS
//
// Fails when the folder holds fewer than SEEDS files. Each file has two seconds: a hang is a crash (SIGALRM).
#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include <fuzz.h>

enum { CLOCK_S = 2, FILE_MAX_BYTES = 1 << 20 };

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int run(const char *folder, const char *name)
{
	static uint8_t bytes[FILE_MAX_BYTES];
	char path[4096];
	int fit = snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fit > 0 && (size_t)fit < sizeof(path) ? fopen(path, "rb") : NULL;

	if (!file) {
		fprintf(stderr, "%s/%s: %s\n", folder, name, strerror(errno));
		return -1;
	}

	size_t n = fread(bytes, 1, sizeof(bytes), file);
	int bad = ferror(file) || !feof(file);

	fclose(file);
	if (bad) {
		fprintf(stderr, "%s: not a readable file of less than %d bytes\n", path, FILE_MAX_BYTES);
		return -1;
	}

	// Flushed first, so that the last line names the file when the target crashes or hangs.
	printf("%s %zu bytes\n", name, n);
	fflush(stdout);

	uint8_t *exact = fuzz_exact(bytes, n);

	alarm(CLOCK_S);
	LLVMFuzzerTestOneInput(exact, n);
	alarm(0);
	free(exact);
	return 0;
}

int main(int argc, char **argv)
{
	struct dirent **entries = NULL;

	if (argc != 3) {
		fprintf(stderr, "usage: %s CORPUS_DIR SEEDS\n", argv[0]);
		return 2;
	}

	long wanted = strtol(argv[2], NULL, 10);
	int n = scandir(argv[1], &entries, visible, alphasort);
	int status = 0;

	if (n < 0)
		fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
	for (int i = 0; i < n; i++) {
		if (run(argv[1], entries[i]->d_name) < 0)
			status = 1;
		free(entries[i]);
	}
	free(entries);
	if (n < 1 || n < wanted) {
		fprintf(stderr, "%s: %d files, at least %ld expected\n", argv[1], n, wanted);
		return 1;
	}
	return status;
}
