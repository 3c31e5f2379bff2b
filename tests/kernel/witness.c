// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness.h"

#include <stddef.h>

static const struct witness_kind *const kinds[] = {
#ifdef WITNESS_DVBCSA
	&witness_dvbcsa,
#endif
#ifdef WITNESS_OPENSSL
	&witness_openssl,
#endif
	&witness_reference,
};

bool witness_open(struct witness *witness, enum dp_algorithm algorithm)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		void *state = kinds[i]->open(algorithm);

		if (!state)
			continue;
		*witness = (struct witness){.kind = kinds[i], .state = state};
		return true;
	}
	return false;
}

void witness_close(struct witness *witness)
{
	witness->kind->close(witness->state);
	*witness = (struct witness){0};
}
