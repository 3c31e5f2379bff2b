# SPDX-License-Identifier: GPL-3.0-or-later
"""What ciphers make of a control word, piece by piece: whoever finds one of these in memory has the word, or near enough.

DVB-CISSA: the round keys of AES-128 both ways (FIPS 197 clauses 5.2 and 5.3.5), computed here. DVB-CSA: the key schedules of
libdvbcsa, one packet at a time and bit-sliced, asked of the library itself, and the shifted one of the dataplane's own kernels
(dataplane/cipher/csa/csa_key.h), computed here from it.
"""

import ctypes

ROUNDS, BLOCK_BYTES = 10, 16
# struct dvbcsa_key_s: the word, the word with its nibbles exchanged, 56 bytes of schedule. struct dvbcsa_bs_key_s, in
# machine words: the 56 bytes, each all over a word, and 64 bits of the stream cipher's start, one to a word.
CSA_SCHEDULE_BYTES, CSA_STREAM_BITS = 56, 64


def _times2(x):
    return (x << 1) ^ (0x11B if x & 0x80 else 0)


def _times(a, b):
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a, b = _times2(a), b >> 1
    return product


def _substitute(x):
    """SubBytes: the inverse in GF(2^8), then the affine map."""
    inverse = next((y for y in range(256) if _times(x, y) == 1), 0)
    result = 0x63
    for turn in range(5):
        result ^= (inverse << turn | inverse >> (8 - turn)) & 0xFF
    return result


SBOX = [_substitute(x) for x in range(256)]


def round_keys(key):
    """Round keys 1 to 10 of AES-128."""
    words, constant = [key[i:i + 4] for i in range(0, BLOCK_BYTES, 4)], 1
    for i in range(4, 4 * (ROUNDS + 1)):
        word = words[-1]
        if i % 4 == 0:
            word = bytes(SBOX[b] for b in word[1:] + word[:1])
            word = bytes([word[0] ^ constant]) + word[1:]
            constant = _times2(constant)
        words.append(bytes(a ^ b for a, b in zip(words[-4], word)))
    return [b"".join(words[i:i + 4]) for i in range(4, len(words), 4)]


def inverse_mixed(key):
    """InvMixColumns of a round key, as the equivalent inverse cipher has it."""
    factors = (14, 11, 13, 9)
    out = bytearray()
    for column in (key[i:i + 4] for i in range(0, BLOCK_BYTES, 4)):
        for row in range(4):
            value = 0
            for i in range(4):
                value ^= _times(column[i], factors[(i - row) % 4])
            out.append(value)
    return bytes(out)


def shifted(k):
    """Q_0..Q_55 from the round keys k_0..k_55 of DVB-CSA."""
    c = [0] * (CSA_SCHEDULE_BYTES + 6)
    for i in range(CSA_SCHEDULE_BYTES):
        c[i + 6] = (k[i - 1] if i else 0) ^ c[i + 2] ^ c[i + 3] ^ c[i + 4]
    return bytes(c[i] ^ (k[i + 1] if i + 1 < CSA_SCHEDULE_BYTES else 0) for i in range(CSA_SCHEDULE_BYTES))


class Csa:
    """The key objects of libdvbcsa, which the terminal uses, and the dataplane when it is told to."""

    def __init__(self):
        library, self.libc = ctypes.CDLL("libdvbcsa.so.1"), ctypes.CDLL(None)
        self.word_bytes = library.dvbcsa_bs_batch_size() // 8
        self.kinds = []
        for kind, size in (("", 16 + CSA_SCHEDULE_BYTES), ("_bs", (CSA_SCHEDULE_BYTES + CSA_STREAM_BITS) * self.word_bytes)):
            allocate, fill = (getattr(library, f"dvbcsa{kind}_key_{verb}") for verb in ("alloc", "set"))
            allocate.restype = ctypes.c_void_p
            fill.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
            self.kinds.append((allocate(), fill, size))

    def keys(self, cw):
        """(struct dvbcsa_key_s, struct dvbcsa_bs_key_s) of a control word, as bytes."""
        for key, fill, _ in self.kinds:
            fill(cw, key)
        return [ctypes.string_at(key, size) for key, _, size in self.kinds]

    def wipe(self):
        for key, _, size in self.kinds:
            ctypes.memset(key, 0, size)

    def pieces(self, cw):
        single, sliced = self.keys(cw)
        self.wipe()
        found = {"nibbles exchanged": single[8:16]}
        found |= {f"schedule, bytes {i} on": single[16 + i:24 + i] for i in range(0, CSA_SCHEDULE_BYTES, 8)}
        q = shifted(single[16:16 + CSA_SCHEDULE_BYTES])
        found |= {f"shifted schedule, bytes {i} on": q[i:i + 8] for i in range(0, CSA_SCHEDULE_BYTES, 8)}
        n = 8 * self.word_bytes
        found |= {f"bit-sliced schedule, bytes {i} on": sliced[i * self.word_bytes:i * self.word_bytes + n] for i in range(0, CSA_SCHEDULE_BYTES, 8)}
        found["bit-sliced start of the stream cipher"] = sliced[CSA_SCHEDULE_BYTES * self.word_bytes:]
        return found


CSA = Csa()


def pieces(cw):
    """{what: bytes} of a control word of 8 bytes (DVB-CSA) or 16 (DVB-CISSA), the word itself first."""
    if len(cw) == 8:
        return {"the control word": cw} | CSA.pieces(cw)
    keys = round_keys(cw)
    return ({"the control word": cw} | {f"round key {i + 1}": key for i, key in enumerate(keys)} |
            {f"decryption key {i + 1}": inverse_mixed(key) for i, key in enumerate(keys[:-1])})
