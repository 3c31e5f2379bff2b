// SPDX-License-Identifier: GPL-3.0-or-later
// Wipes what a library's cipher left on the stack.
//
// Ciphers written in C spill blocks, words and round keys into frames that are free again when they return.
//
// Threads: any; its own stack. Errors: none.
#pragma once

// Overwrites the stack below the caller's frame, as deep as libdvbcsa and OpenSSL's ciphers reach.
void stb_scrub_stack(void);
