// SPDX-License-Identifier: GPL-3.0-or-later
// The tests, and their table.
//
// Threads: one.
#pragma once

#include "trial.h"

// Runs all tests, or the one of the name `only`, when there is a kernel to try. BORROWS.
void tests_run(struct trial *trial, uint64_t seed, const char *only);

// Whether there is a test of the name.
bool tests_know(const char *name);

void test_known_answers(struct trial *trial);
void test_lengths(struct trial *trial);
void test_batches(struct trial *trial);
void test_keys(struct trial *trial);
void test_alignments(struct trial *trial);
void test_guard_pages(struct trial *trial);
void test_chain(struct trial *trial);
void test_traces(struct trial *trial);
void test_edge(struct trial *trial);
