"""age v1 (age-encryption.org/v1) to one X25519 recipient, in plain Python, for test bundles only."""

import base64
import hmac
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
from verify import hkdf  # noqa: E402

P = 2**255 - 19
CHUNK = 64 * 1024


def x25519(scalar, point=(9).to_bytes(32, "little")):
    """RFC 7748 section 5."""
    k = int.from_bytes(scalar, "little") & ((1 << 254) - 8) | 1 << 254
    x1 = int.from_bytes(point, "little") & ((1 << 255) - 1)
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in range(254, -1, -1):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % P, b * b % P, d * a % P, c * b % P
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % P, x1 * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def public(secret):
    return x25519(secret)


def chacha20(key, counter, nonce):
    """One block of RFC 8439 section 2.3."""
    start = list(struct.unpack("<16I", b"expand 32-byte k" + key + struct.pack("<I", counter) + nonce))
    s = start[:]

    def quarter(a, b, c, d):
        for i, j, k, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            s[i] = s[i] + s[j] & 0xFFFFFFFF
            x = s[k] ^ s[i]
            s[k] = (x << turn | x >> 32 - turn) & 0xFFFFFFFF

    for _ in range(10):
        for i in range(4):
            quarter(i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(s, start)))


def poly1305(key, message):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for at in range(0, len(message), 16):
        total = (total + int.from_bytes(message[at:at + 16] + b"\x01", "little")) * r % ((1 << 130) - 5)
    return (total + int.from_bytes(key[16:], "little") & (1 << 128) - 1).to_bytes(16, "little")


def seal(key, nonce, plaintext):
    """ChaCha20-Poly1305 without additional data (RFC 8439 section 2.8)."""
    stream = b"".join(chacha20(key, 1 + i, nonce) for i in range((len(plaintext) + 63) // 64))
    ciphertext = bytes(a ^ b for a, b in zip(plaintext, stream))
    padded = ciphertext + bytes(-len(ciphertext) % 16) + struct.pack("<QQ", 0, len(ciphertext))
    return ciphertext + poly1305(chacha20(key, 0, nonce)[:32], padded)


def bare(data):
    return base64.b64encode(data).rstrip(b"=")


def encrypt(plaintext, recipient, seed):
    """An age file; `seed` stands in for randomness."""
    file_key, ephemeral, nonce = (hkdf(seed, b"", label, size) for label, size in
                                  ((b"file key", 16), (b"ephemeral", 32), (b"nonce", 16)))
    share = public(ephemeral)
    wrap = hkdf(x25519(ephemeral, recipient), share + recipient, b"age-encryption.org/v1/X25519", 32)
    header = (b"age-encryption.org/v1\n-> X25519 " + bare(share) + b"\n"
              + bare(seal(wrap, bytes(12), file_key)) + b"\n---")
    mac = hmac.digest(hkdf(file_key, b"", b"header", 32), header, "sha256")
    key = hkdf(file_key, nonce, b"payload", 32)
    chunks = [plaintext[at:at + CHUNK] for at in range(0, len(plaintext), CHUNK)] or [b""]
    payload = b"".join(
        seal(key, i.to_bytes(11, "big") + bytes([i == len(chunks) - 1]), chunk)
        for i, chunk in enumerate(chunks))
    return header + b" " + bare(mac) + b"\n" + nonce + payload


def bech32(prefix, data):
    """BIP 173, as age writes keys."""
    letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    bits = len(data) * 8
    number = int.from_bytes(data, "big") << -bits % 5
    words = [number >> shift & 31 for shift in range(bits + -bits % 5 - 5, -1, -5)]

    def checksum(values):
        total = 1
        for value in values:
            top = total >> 25
            total = (total & 0x1FFFFFF) << 5 ^ value
            for i, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
                total ^= generator if top >> i & 1 else 0
        return total ^ 1

    spread = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    total = checksum(spread + words + [0] * 6)
    words += [total >> shift & 31 for shift in range(25, -1, -5)]
    return prefix + "1" + "".join(letters[word] for word in words)


def identity(secret):
    """The secret key as age tools read it."""
    return bech32("age-secret-key-", secret).upper()
