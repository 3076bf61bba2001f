#!/usr/bin/env python3
"""Check an evidence bundle (ledger format tw/1) without the service that made it.

    python3 verify.py BUNDLE [--trust FILE] [--head FILE] [--require NAMES] [--json]
    python3 verify.py --self-test

It needs Python 3.9 or newer and nothing else: no packages, no network. It was written from the
format's page (README.md of the ledger format) and shares no code with the other verifier.

What it promises
  1. It never trusts a key that came with the bundle. Without --trust FILE (the keys you got some
     other way) authenticity stays unproven and the exit status is 12, never 0.
  2. What it did not check it calls unproven, never passed.
  3. Any input gives a verdict: a damaged or hostile bundle is reported, it does not crash this.
  4. It names the record (seq, rid) or the file that is wrong, and repeats none of its contents.

What it leaves to others: opening keys.age (it has no secret key), and whether what the log says
about the world is true. A copy of this file inside a bundle was put there by whoever made the
bundle; use one that you got elsewhere.

Exit status, the first that applies
   0  integrity and authenticity proved, completeness at least attested
  10  invalid: a rule is broken, or a demanded signature is missing or wrong
  11  diverged: the tree contradicts the checkpoint you hold (--head)
  12  not proved: something could not be established
   2  usage: wrong arguments, or a trust or head file that cannot be read
"""

import argparse
import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import stat
import struct
import sys
from bisect import bisect_left
from functools import lru_cache

EXIT_PROVED, EXIT_USAGE, EXIT_INVALID, EXIT_DIVERGED, EXIT_UNPROVEN = 0, 2, 10, 11, 12
VERDICTS = ("integrity", "authenticity", "completeness", "time", "erasure")

# Limits. The format sets the first four and MAX_NESTED; the others only keep a hostile bundle from exhausting
# the reader's machine and lie far above anything a real export holds.
MAX_DEC = 9223372036854775807
MAX_LINE = 65535
MAX_SIGNATURES = 16
MAX_BODY = 32 + (1 << 20) + 16
MAX_NOTE = 1 << 20
MAX_NAMES = 256
MAX_PARSED = 1 << 31
MAX_MANIFEST = 1 << 28
MAX_JSON_LINE = 1 << 20
MAX_NESTED = 512
MAX_FILE = 1 << 36
MAX_FILES = 4_000_000
MAX_FINDINGS = 100


class Broken(Exception):
    """A rule of the format is broken. The text is fit to be shown and holds no data of a record."""


class Usage(Exception):
    """The reader's own arguments or files cannot be used."""


def need(condition, text):
    if not condition:
        raise Broken(text)


def shown(name):
    """A file name from a stranger, made safe to print."""
    text = ascii(str(name))[1:-1]
    return text if len(text) <= 120 else text[:117] + "..."


# ---------------------------------------------------------------------------------------------
# Ed25519 (RFC 8032), verification only. Strict: S below the group order, points in their one
# canonical encoding, no key of small order, R compared as bytes.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def point_add(a, b):
    m = (a[1] - a[0]) * (b[1] - b[0]) % P
    n = (a[1] + a[0]) * (b[1] + b[0]) % P
    c = 2 * a[3] * b[3] * D % P
    d = 2 * a[2] * b[2] % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_double(a):
    x2, y2 = a[0] * a[0] % P, a[1] * a[1] % P
    h = x2 + y2
    e = h - (a[0] + a[1]) * (a[0] + a[1])
    g = x2 - y2
    f = 2 * a[2] * a[2] + g
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_decode(data):
    """RFC 8032 section 5.1.3; None for anything that is not the encoding of a point."""
    if len(data) != 32:
        return None
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * SQRT_M1 % P
        if (v * x * x - u) % P:
            return None
    if x == 0 and sign:
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def point_encode(a):
    inverse = pow(a[2], P - 2, P)
    x, y = a[0] * inverse % P, a[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def is_neutral(a):
    return a[0] % P == 0 and (a[1] - a[2]) % P == 0


BASE = point_decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


@lru_cache(maxsize=256)
def public_key(data):
    """The point of a public key, or None when it is no key a signature could be trusted under."""
    point = point_decode(data)
    if point is None:
        return None
    eighth = point_double(point_double(point_double(point)))
    return None if is_neutral(eighth) else point


def is_weak_key(data):
    """A key of small order, for which anybody can sign, or one not in its one encoding. What is no
    point at all is not weak: nothing verifies under it."""
    y = int.from_bytes(data, "little") & ((1 << 255) - 1)
    # where y is 1 or -1, x is 0, which has one sign and is of small order
    return y >= P - 1 or y == 1 or (point_decode(data) is not None and public_key(data) is None)


def multiply_two(s, a, k, b):
    """s * a + k * b, both at once, bit by bit. The inputs are public: time may tell them."""
    both = point_add(a, b)
    total = NEUTRAL
    for bit in range(max(s.bit_length(), k.bit_length()) - 1, -1, -1):
        total = point_double(total)
        pick = (s >> bit & 1) | (k >> bit & 1) << 1
        if pick:
            total = point_add(total, (a, b, both)[pick - 1])
    return total


@lru_cache(maxsize=1024)
def ed25519_verify(key, message, signature):
    point = public_key(key)
    if point is None or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    k = int.from_bytes(digest, "little") % ORDER
    minus = (P - point[0], point[1], 1, P - point[3])
    return point_encode(multiply_two(s, BASE, k, minus)) == signature[:32]


# ---------------------------------------------------------------------------------------------
# AES-256-GCM (NIST SP 800-38D), table-driven. It opens bodies whose keys were released to the
# reader, so its timing protects nobody's secret.


@lru_cache(maxsize=1)
def aes_tables():
    """The S-box and the four tables that join SubBytes, ShiftRows and MixColumns (FIPS 197)."""
    exp, log, x = [0] * 256, [0] * 256, 1
    for i in range(255):
        exp[i], log[x] = x, i
        x ^= (x << 1) ^ (0x11B if x & 0x80 else 0)
        x &= 0xFF
    sbox = []
    for value in range(256):
        inverse = exp[(255 - log[value]) % 255] if value else 0
        out = 0x63
        for turn in range(5):
            out ^= (inverse << turn | inverse >> (8 - turn)) & 0xFF
        sbox.append(out)
    first = []
    for s in sbox:
        double = (s << 1 ^ (0x1B if s & 0x80 else 0)) & 0xFF
        first.append(double << 24 | s << 16 | s << 8 | (double ^ s))
    tables = [first]
    for _ in range(3):
        tables.append([t >> 8 | (t & 0xFF) << 24 for t in tables[-1]])
    return sbox, tables


def aes_expand(key):
    """The 15 round keys of AES-256, four words each."""
    sbox = aes_tables()[0]
    words, rcon = list(struct.unpack(">8I", key)), 1
    for i in range(8, 60):
        t = words[-1]
        if i % 8 == 0:
            t = (t << 8 | t >> 24) & 0xFFFFFFFF
        if i % 4 == 0:
            t = (sbox[t >> 24] << 24 | sbox[t >> 16 & 255] << 16
                 | sbox[t >> 8 & 255] << 8 | sbox[t & 255])
        if i % 8 == 0:
            t ^= rcon << 24
            rcon <<= 1
        words.append(words[i - 8] ^ t)
    return [tuple(words[i:i + 4]) for i in range(0, 60, 4)]


def aes_block(keys, a, b, c, d):
    """One block, as four words in and four words out."""
    sbox, (t0, t1, t2, t3) = aes_tables()
    k0, k1, k2, k3 = keys[0]
    a, b, c, d = a ^ k0, b ^ k1, c ^ k2, d ^ k3
    for k0, k1, k2, k3 in keys[1:14]:
        a, b, c, d = (
            t0[a >> 24] ^ t1[b >> 16 & 255] ^ t2[c >> 8 & 255] ^ t3[d & 255] ^ k0,
            t0[b >> 24] ^ t1[c >> 16 & 255] ^ t2[d >> 8 & 255] ^ t3[a & 255] ^ k1,
            t0[c >> 24] ^ t1[d >> 16 & 255] ^ t2[a >> 8 & 255] ^ t3[b & 255] ^ k2,
            t0[d >> 24] ^ t1[a >> 16 & 255] ^ t2[b >> 8 & 255] ^ t3[c & 255] ^ k3,
        )
    k0, k1, k2, k3 = keys[14]
    return (
        (sbox[a >> 24] << 24 | sbox[b >> 16 & 255] << 16 | sbox[c >> 8 & 255] << 8 | sbox[d & 255]) ^ k0,
        (sbox[b >> 24] << 24 | sbox[c >> 16 & 255] << 16 | sbox[d >> 8 & 255] << 8 | sbox[a & 255]) ^ k1,
        (sbox[c >> 24] << 24 | sbox[d >> 16 & 255] << 16 | sbox[a >> 8 & 255] << 8 | sbox[b & 255]) ^ k2,
        (sbox[d >> 24] << 24 | sbox[a >> 16 & 255] << 16 | sbox[b >> 8 & 255] << 8 | sbox[c & 255]) ^ k3,
    )


def aes_ctr(keys, nonce, data):
    """Counter mode from counter 2 on, as GCM uses it: encrypts and decrypts."""
    n0, n1, n2 = struct.unpack(">3I", nonce)
    words = []
    for counter in range(2, 2 + (len(data) + 15) // 16):
        words.extend(aes_block(keys, n0, n1, n2, counter))
    stream = struct.pack(">%dI" % len(words), *words)[:len(data)]
    mixed = int.from_bytes(stream, "big") ^ int.from_bytes(data, "big")
    return mixed.to_bytes(len(data), "big")


def ghash_tables(h):
    """For each of the 32 half-bytes of a block, the product of H and each of its 16 values."""
    powers = []
    for _ in range(128):
        powers.append(h)
        h = h >> 1 ^ (0xE1 << 120 if h & 1 else 0)
    tables = []
    for i in range(0, 128, 4):
        eight, four, two, one = powers[i:i + 4]
        row = [0]
        for single in (one, two, four, eight):
            row += [single ^ other for other in row]
        tables.append((124 - i, row))
    return tables


def ghash(tables, data):
    y = 0
    for at in range(0, len(data), 16):
        x = y ^ int.from_bytes(data[at:at + 16], "big")
        y = 0
        for shift, row in tables:
            y ^= row[x >> shift & 15]
    return y


def gcm_tag(keys, nonce, aad, ciphertext):
    h = int.from_bytes(struct.pack(">4I", *aes_block(keys, 0, 0, 0, 0)), "big")
    padded = (aad + bytes(-len(aad) % 16) + ciphertext + bytes(-len(ciphertext) % 16)
              + struct.pack(">QQ", len(aad) * 8, len(ciphertext) * 8))
    mask = struct.pack(">4I", *aes_block(keys, *struct.unpack(">3I", nonce), 1))
    return (ghash(ghash_tables(h), padded) ^ int.from_bytes(mask, "big")).to_bytes(16, "big")


def gcm_open(key, nonce, aad, sealed):
    """The plaintext of ciphertext || tag, or None when the tag does not fit."""
    if len(sealed) < 16:
        return None
    keys = aes_expand(key)
    ciphertext, tag = sealed[:-16], sealed[-16:]
    if gcm_tag(keys, nonce, aad, ciphertext) != tag:
        return None
    return aes_ctr(keys, nonce, ciphertext)


def hkdf(ikm, salt, info, length):
    """HKDF-SHA256 (RFC 5869)."""
    secret, out, block = hmac.digest(salt, ikm, "sha256"), b"", b""
    for counter in range(1, (length + 31) // 32 + 1):
        block = hmac.digest(secret, block + info + bytes([counter]), "sha256")
        out += block
    return out[:length]


# ---------------------------------------------------------------------------------------------
# Small grammars

RE_DEC = re.compile(r"0|[1-9][0-9]{0,18}")
RE_HEX32 = re.compile(r"[0-9a-f]{32}")
RE_HEX64 = re.compile(r"[0-9a-f]{64}")
RE_LOG = re.compile(r"[a-z0-9][a-z0-9./-]{0,127}")
RE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.[0-9]{6}Z")
RE_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
RE_PERIOD = re.compile(r"([0-9]{4})-([0-9]{2})")
RE_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
RE_PART = re.compile(r"[A-Za-z0-9._-]+")
DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MONTHS = range(1, 13)


def is_dec(text):
    return RE_DEC.fullmatch(text) is not None and int(text) <= MAX_DEC


def is_day(year, month, day):
    if year < 1970 or month not in MONTHS or day < 1:
        return False
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return day <= DAYS[month - 1] + leap


def is_date(text):
    match = RE_DATE.fullmatch(text)
    return match is not None and is_day(*map(int, match.groups()))


def is_time(text):
    match = RE_TIME.fullmatch(text)
    if match is None:
        return False
    year, month, day, hour, minute, second = map(int, match.groups())
    return is_day(year, month, day) and hour < 24 and minute < 60 and second < 60


def is_period(text):
    match = RE_PERIOD.fullmatch(text)
    return match is not None and int(match.group(1)) >= 1970 and int(match.group(2)) in MONTHS


def is_hash(text):
    return RE_HEX64.fullmatch(text) is not None


def is_name(text):
    return RE_HEX32.fullmatch(text) is not None


def unbase64(text):
    """Standard alphabet, padded, zero trailing bits; None otherwise."""
    if RE_BASE64.fullmatch(text) is None:
        return None
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
    return data if base64.b64encode(data).decode("ascii") == text else None


def unbase64_hash(text):
    data = unbase64(text)
    return data if data is not None and len(data) == 32 else None


# ---------------------------------------------------------------------------------------------
# Leaves: restricted JSON (README section 1)

RE_MEMBER = re.compile(rb'"([\x20\x21\x23-\x5b\x5d-\x7e]*)":')
RE_STRING = re.compile(rb'"([\x20\x21\x23-\x5b\x5d-\x7e]*)"')
RE_X_NAME = re.compile(r"[a-z][a-z0-9_.]{0,31}")
RE_DOTTED = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")

KINDS = frozenset((
    "turn", "conversation", "lookup", "refusal", "intent", "outcome", "recovery", "refusals", "duty",
    "erasure.requested", "erasure.executed", "key.destroyed", "policy", "switch", "agent", "started",
    "checkpoint.key"))
DUTY_LACKS = ("agent", "decision", "operation", "policy", "purpose", "request", "x")
BUCKETS = frozenset(str(1 << n) for n in range(10, 21))


def matches(pattern):
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def is_dotted(text):
    return len(text) <= 64 and RE_DOTTED.fullmatch(text) is not None


def is_x(value):
    return bool(value) and all(
        RE_X_NAME.fullmatch(name) is not None and len(text) <= 1024 for name, text in value.items())


REQUIRED = {
    "body": is_hash, "body_len": BUCKETS.__contains__, "class": matches("[a-z][a-z0-9_]{0,31}"),
    "kc": is_hash, "kind": KINDS.__contains__, "log": matches(RE_LOG.pattern),
    "n": lambda text: is_dec(text) and text != "0", "period": is_period, "prev": is_hash,
    "retain_until": is_date, "rid": is_name, "seq": is_dec, "tag": is_name, "time": is_time,
    "v": "tw/1".__eq__, "writer": matches("[A-Za-z0-9._+/-]{1,64}"),
}
OPTIONAL = {
    "agent": matches("[a-z0-9_-]{1,64}"), "decision": ("allow", "deny", "error").__contains__,
    "operation": is_dotted, "policy": is_hash, "purpose": is_dotted, "request": is_name, "x": is_x,
}


def restricted(line, at=0, depth=0):
    """Reads one object of restricted JSON at `at`; returns it and where it ends."""
    need(line[at:at + 1] == b"{", "is not an object of the leaf's restricted JSON")
    members, last, at = {}, None, at + 1
    if line[at:at + 1] == b"}":
        return members, at + 1
    while True:
        match = RE_MEMBER.match(line, at)
        need(match, "breaks the leaf's restricted JSON")
        name, at = match.group(1).decode("ascii"), match.end()
        need(last is None or last < name, "has members twice or out of order")
        if name == "x" and depth == 0:
            members[name], at = restricted(line, at, 1)
        else:
            match = RE_STRING.match(line, at)
            need(match, "has a value that is not a plain string")
            members[name], at = match.group(1).decode("ascii"), match.end()
        last, end, at = name, line[at:at + 1], at + 1
        if end == b"}":
            return members, at
        need(end == b",", "breaks the leaf's restricted JSON")


def reprint(members):
    """The one way to write a leaf; what a reader does not get back unchanged, it refuses."""
    parts = ['"%s":%s' % (name, reprint(value) if isinstance(value, dict) else '"%s"' % value)
             for name, value in sorted(members.items())]
    return "{" + ",".join(parts) + "}"


def parse_line(line):
    need(len(line) <= MAX_LINE, "is longer than 65,535 bytes")
    members, end = restricted(line)
    need(end == len(line), "goes on after its end")
    need(reprint(members).encode("ascii") == line, "is not written in the canonical way")
    return members


def check_leaf(leaf):
    """Every rule of section 1 that one leaf can break alone."""
    for name, value in leaf.items():
        rule = REQUIRED.get(name) or OPTIONAL.get(name)
        need(rule, "has an unknown member")
        need(isinstance(value, dict) == (name == "x") and rule(value), "has a malformed `%s`" % name)
    for name in REQUIRED:
        need(name in leaf, "lacks `%s`" % name)
    need(leaf["period"] <= leaf["time"][:7], "has a period later than its time")
    if leaf["kind"] == "duty":
        need(not any(name in leaf for name in DUTY_LACKS), "is of kind duty and says more than it may")
    if leaf["seq"] == "0":
        need(leaf["kind"] == "checkpoint.key", "is the first and not of kind checkpoint.key")
        need(leaf["prev"] == "0" * 64, "is the first and names one before it")


def parse_cut(members):
    """A leaf cut to its hash (section 6.2)."""
    need(sorted(members) == ["cut", "reason", "seq"], "is a cut leaf with missing or unknown members")
    need(is_hash(members["cut"]), "is a cut leaf with a malformed hash")
    need(members["reason"] in ("erased", "withheld"), "is a cut leaf without a known reason")
    need(is_dec(members["seq"]), "is a cut leaf with a malformed seq")


class Entry:
    """One line of entries.jsonl: a whole leaf, or a leaf cut to its hash (`leaf` is None)."""

    __slots__ = ("seq", "hash", "leaf", "reason")

    def __init__(self, line):
        members = parse_line(line)
        if "cut" in members:
            parse_cut(members)
            self.hash, self.leaf, self.reason = bytes.fromhex(members["cut"]), None, members["reason"]
        else:
            check_leaf(members)
            self.hash, self.leaf, self.reason = leaf_hash(line), members, None
        self.seq = int(members["seq"])


# ---------------------------------------------------------------------------------------------
# Plain JSON (RFC 8259): no duplicate names, and no numbers where the format has none


def once(pairs):
    members = dict(pairs)
    need(len(members) == len(pairs), "has a name twice in one object")
    return members


def no_number(_text):
    raise Broken("has a number; the format writes integers as strings")


def no_constant(_text):
    raise Broken("is not JSON")


def nesting(value):
    """How many arrays and objects lie within one another."""
    count, layer = 0, [value]
    while True:
        layer = [value for value in layer if isinstance(value, (dict, list))]
        if not layer:
            return count
        count += 1
        layer = [inner for value in layer
                 for inner in (value.values() if isinstance(value, dict) else value)]


def plain_json(data, numbers=False):
    try:
        text = data.decode("utf-8")
        need(not text.startswith("\ufeff"), "starts with a byte order mark")
        value = json.loads(
            text, object_pairs_hook=once, parse_constant=no_constant,
            parse_int=str if numbers else no_number, parse_float=str if numbers else no_number)
        if "\\u" in text:
            # half of a surrogate pair is no character and has no UTF-8
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        need(nesting(value) <= MAX_NESTED, "is nested too deeply")
        return value
    except UnicodeError:
        raise Broken("is not UTF-8") from None
    except ValueError:
        raise Broken("is not JSON") from None
    except RecursionError:
        raise Broken("is nested too deeply") from None


def check_object(value, rules):
    """Exactly the members of `rules`, each a string that its rule accepts (or what a rule returns)."""
    need(isinstance(value, dict), "is not an object")
    for name in value:
        need(name in rules, "has an unknown member")
    for name, rule in rules.items():
        need(name in value, "lacks `%s`" % name)
        need(isinstance(value[name], str) and rule(value[name]), "has a malformed `%s`" % name)
    return value


def any_text(_text):
    return True


def split_lines(data):
    """The lines of a file in which every line ends in LF."""
    if not data:
        return []
    need(data.endswith(b"\n"), "does not end in a line feed")
    return data[:-1].split(b"\n")


LINE_RULES = {
    "keys.jsonl": {"kc": is_hash, "key": is_hash, "seq": is_dec},
    "erasures.jsonl": {"ground": any_text, "record": is_name, "seq": is_dec},
    "redactions.jsonl": {"reason": any_text, "rule": any_text, "seq": is_dec},
    "custody.jsonl": {"act": any_text, "actor": any_text, "time": is_time},
    "identities.jsonl": {"id": any_text, "kind": any_text, "title": any_text},
}
MANIFEST_TEXTS = {
    "approved_by": any_text, "created": is_time, "export": is_name,
    "format": "tw-bundle/1".__eq__, "keys": ("clear", "age", "none").__contains__,
    "log": REQUIRED["log"], "nonce": is_name, "power": any_text, "purpose": any_text,
    "reference": any_text, "requested_by": any_text,
}
COUNTS = ("cut", "delivered", "found", "withheld")


def is_path(path):
    parts = path.split("/")
    return len(parts) <= 4 and all(
        RE_PART.fullmatch(part) is not None and part not in (".", "..") for part in parts)


class Manifest:
    """manifest.json (section 6.1), read and checked as far as it can be checked alone."""

    def __init__(self, data):
        whole = plain_json(data)
        need(isinstance(whole, dict), "is not an object")
        texts = {k: v for k, v in whole.items() if k not in ("counts", "files", "scope", "tree")}
        check_object(texts, MANIFEST_TEXTS)
        for name in ("counts", "files", "scope", "tree"):
            need(isinstance(whole.get(name), dict), "lacks the object `%s`" % name)
        counts = check_object(whole["counts"], dict.fromkeys(COUNTS, is_dec))
        tree = check_object(whole["tree"], {"root": is_hash, "size": is_dec})
        self.counts = {name: int(text) for name, text in counts.items()}
        self.size, self.root = int(tree["size"]), bytes.fromhex(tree["root"])
        self.log, self.keys, self.export = texts["log"], texts["keys"], texts["export"]
        self.created = texts["created"]
        self.read_scope(whole["scope"])
        self.files = {}
        for path, facts in whole["files"].items():
            need(is_path(path), "names a path that a bundle must not have: " + shown(path))
            check_object(facts, {"sha256": is_hash, "size": is_dec})
            self.files[path] = (facts["sha256"], int(facts["size"]))
        need(self.counts["found"] == sum(self.counts[name] for name in COUNTS if name != "found"),
             "counts that do not add up: found is not delivered + cut + withheld")
        need(self.size >= 1, "speaks of an empty tree")

    def read_scope(self, scope):
        self.range = None
        if scope.get("kind") == "range":
            check_object(scope, {"from": is_dec, "kind": any_text, "to": is_dec})
            self.range = (int(scope["from"]), int(scope["to"]))
            need(self.range[0] <= self.range[1], "has a range that ends before it begins")
            need(self.range[1] <= self.size, "has a range that goes beyond the tree")
        else:
            check_object(scope, {"kind": "selection".__eq__, "of": any_text})


# ---------------------------------------------------------------------------------------------
# Merkle tree (RFC 6962 section 2.1)


def leaf_hash(line):
    return hashlib.sha256(b"\x00" + line).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


EMPTY_ROOT = hashlib.sha256(b"").digest()


def merkle_root(hashes):
    """The root over leaf hashes: full subtrees are joined as they come, the rest from the right."""
    stack = []
    for count, value in enumerate(hashes, 1):
        while count % 2 == 0:
            value, count = node_hash(stack.pop(), value), count // 2
        stack.append(value)
    if not stack:
        return EMPTY_ROOT
    root = stack.pop()
    while stack:
        root = node_hash(stack.pop(), root)
    return root


def split_point(width):
    """The largest power of two below `width`."""
    return 1 << (width - 1).bit_length() - 1


class NodeReader:
    """proofs/nodes (section 6.3): gives each node only in the place where it must stand."""

    def __init__(self, data):
        self.lines = split_lines(data)
        self.at = 0

    def skipped(self, low, high):
        width = high - low
        if width & (width - 1):
            middle = low + split_point(width)
            return node_hash(self.skipped(low, middle), self.skipped(middle, high))
        need(self.at < len(self.lines), "ends too early: a node of the tree is missing")
        line, self.at = self.lines[self.at], self.at + 1
        parts = line.split(b" ")
        need(len(parts) == 3, "line %d is malformed" % self.at)
        place = b"%d %d" % (width.bit_length() - 1, low // width)
        need(b" ".join(parts[:2]) == place, "line %d is for another place in the tree" % self.at)
        value = unbase64_hash(parts[2].decode("latin-1"))
        need(value is not None, "line %d has a malformed hash" % self.at)
        return value

    def root(self, seqs, hashes, size):
        def over(low, high, first, last):
            if first == last:
                return self.skipped(low, high)
            if high - low == 1:
                return hashes[first]
            middle = low + split_point(high - low)
            cut = bisect_left(seqs, middle, first, last)
            return node_hash(over(low, middle, first, cut), over(middle, high, cut, last))

        root = over(0, size, 0, len(seqs))
        need(self.at == len(self.lines), "has more lines than the tree needs")
        return root


def is_consistent(old_size, new_size, old_root, new_root, proof):
    """Does the proof of RFC 6962 section 2.1.2 lead from the old root to the new one?"""
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size < 1 or old_size > new_size:
        return False
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    at, end = old_size - 1, new_size - 1
    while at & 1:
        at, end = at >> 1, end >> 1
    old = new = path[0]
    for value in path[1:]:
        if end == 0:
            return False
        if at & 1 or at == end:
            old, new = node_hash(value, old), node_hash(value, new)
            while at and not at & 1:
                at, end = at >> 1, end >> 1
        else:
            new = node_hash(new, value)
        at, end = at >> 1, end >> 1
    return end == 0 and old == old_root and new == new_root


# ---------------------------------------------------------------------------------------------
# Signed notes, checkpoints, verifier keys (C2SP signed-note, tlog-checkpoint, tlog-cosignature)

ED25519, COSIGNATURE_V1 = 0x01, 0x04
DASH = "\u2014 "


def is_key_name(name):
    return bool(name) and "+" not in name and not any(c.isspace() for c in name)


class VKey:
    """A verifier key: NAME+HEX+BASE64, the hexadecimal being the id that the rest must give."""

    def __init__(self, text, kind):
        parts = text.split("+", 2)
        need(len(parts) == 3 and is_key_name(parts[0]), "is not a verifier key")
        self.name, self.text = parts[0], text
        data = unbase64(parts[2])
        need(data is not None and len(data) == 33, "is not a verifier key of an Ed25519 key")
        need(data[0] == kind, "is a verifier key of another type than its use demands")
        self.kind, self.key = kind, data[1:]
        self.id = hashlib.sha256(self.name.encode("utf-8") + b"\n" + data).digest()[:4]
        need(parts[1] == self.id.hex(), "is a verifier key whose id is not its own")
        need(not is_weak_key(self.key), "is a verifier key of small order or in another encoding")

    def verify(self, text, signature):
        """`signature` is what follows the key id."""
        if self.kind == ED25519:
            return ed25519_verify(self.key, text, signature)
        if len(signature) != 72:
            return False
        at = int.from_bytes(signature[:8], "big")
        message = b"cosignature/v1\ntime %d\n" % at + text
        return at <= MAX_DEC and ed25519_verify(self.key, message, signature[8:])


class Note:
    """A signed note, taken apart; nothing is verified yet."""

    def __init__(self, data):
        need(len(data) <= MAX_NOTE, "is too long for a signed note")
        try:
            whole = data.decode("utf-8")
        except UnicodeError:
            raise Broken("is not UTF-8") from None
        need(not any(c < " " and c != "\n" for c in whole), "has a control character")
        text, gap, tail = whole.rpartition("\n\n")
        need(gap and text, "is not a signed note: it has no blank line before its signatures")
        need(tail.endswith("\n"), "is not a signed note: its signatures are missing or torn")
        self.text, self.lines = (text + "\n").encode("utf-8"), text.split("\n")
        self.signatures = {}
        lines = tail[:-1].split("\n")
        need(len(lines) <= MAX_SIGNATURES, "has more than 16 signatures")
        for line in lines:
            name, space, encoded = line[len(DASH):].partition(" ")
            signature = unbase64(encoded)
            need(line.startswith(DASH) and space and is_key_name(name), "has a malformed signature line")
            need(signature is not None and len(signature) > 4, "has a malformed signature line")
            place = (name, signature[:4])
            need(place not in self.signatures, "has two signatures by one name and key id")
            self.signatures[place] = signature[4:]

    def signed_by(self, key):
        """True when it carries the key's signature, False when not; a wrong one breaks a rule."""
        signature = self.signatures.get((key.name, key.id))
        if signature is None:
            return False
        need(key.verify(self.text, signature), "has a wrong signature by %s" % shown(key.name))
        return True


class Checkpoint:
    """A C2SP checkpoint without extension lines (section 4)."""

    def __init__(self, data):
        self.note = Note(data)
        lines = self.note.lines
        need(len(lines) == 3, "is not a checkpoint of exactly three lines")
        need(lines[0], "has no origin")
        need(is_dec(lines[1]), "has a malformed size")
        self.origin, self.size, self.root = lines[0], int(lines[1]), unbase64_hash(lines[2])
        need(self.root is not None, "has a malformed root")
        need(self.size > 0 or self.root == EMPTY_ROOT, "has a root that no empty tree has")


class Policy:
    """A trust file in C2SP tlog-policy syntax: whom the reader trusts."""

    def __init__(self, data):
        need(len(data) <= MAX_NOTE, "is too long")
        need(all(c in (9, 10) or 32 <= c <= 126 or c >= 128 for c in data),
             "has a control character (lines must end in LF alone)")
        try:
            data.decode("utf-8")
        except UnicodeError:
            raise Broken("is not UTF-8") from None
        self.logs, self.witnesses, self.groups = [], {}, {}
        self.points, self.members, self.quorum = set(), set(), None
        for number, line in enumerate(data.split(b"\n"), 1):
            words = [word for word in re.split(rb"[ \t]+", line) if word]
            if words and not words[0].startswith(b"#"):
                try:
                    self.read(words)
                except Broken as broken:
                    raise Broken("line %d: %s" % (number, broken)) from None
        need(self.quorum is not None, "has no quorum line")

    def read(self, words):
        verb, count = words[0], len(words)
        if verb == b"log" and count in (2, 3):
            key = self.vkey(words[1], ED25519)
            self.logs.append(key)
            need(len(self.logs) <= MAX_NAMES, "is one log more than this verifier reads")
        elif verb == b"witness" and count in (3, 4):
            self.free(words[1])
            key = self.vkey(words[2], COSIGNATURE_V1)
            self.witnesses[words[1]] = key
            need(len(self.witnesses) <= MAX_NAMES, "is one witness more than this verifier reads")
        elif verb == b"group" and count >= 4:
            self.free(words[1])
            self.groups[words[1]] = self.group(words[2], words[3:])
            need(len(self.groups) <= MAX_NAMES, "is one group more than this verifier reads")
        elif verb == b"quorum" and count == 2:
            need(self.quorum is None, "is a second quorum line")
            need(words[1] == b"none" or self.known(words[1]), "names a quorum that is not defined above")
            self.quorum = words[1]
        else:
            raise Broken("is neither log, witness, group nor quorum with its words")

    def vkey(self, word, kind):
        key = VKey(word.decode("utf-8"), kind)
        need(key.key not in self.points, "names a key that another line has")
        self.points.add(key.key)
        return key

    def known(self, name):
        return name in self.witnesses or name in self.groups

    def free(self, name):
        need(name != b"none" and not self.known(name), "gives a name that is taken")

    def group(self, threshold, members):
        for name in members:
            need(self.known(name), "names a member that is not defined above")
            need(name not in self.members, "names a member that some group already has")
            self.members.add(name)
        if threshold in (b"all", b"any"):
            return (len(members) if threshold == b"all" else 1), members
        text = threshold.decode("latin-1")
        need(is_dec(text) and 1 <= int(text) <= len(members), "has a threshold that cannot be met")
        return int(text), members

    def satisfied(self, name, cosigned):
        if name == b"none":
            return True
        if name in self.witnesses:
            return name in cosigned
        threshold, members = self.groups[name]
        return sum(self.satisfied(member, cosigned) for member in members) >= threshold


# ---------------------------------------------------------------------------------------------
# Files of a bundle


class Folder:
    """The regular files under a directory. Everything else in it is a finding."""

    def __init__(self, root, complain):
        self.root, self.complain, self.sizes = root, complain, {}
        self.walk("", 0)

    def walk(self, prefix, depth):
        """Lists one folder; returns how many entries it has."""
        count = 0
        with os.scandir(os.path.join(self.root, *prefix.split("/")[:-1])) as items:
            for item in items:
                count += 1
                path = prefix + item.name
                facts = item.stat(follow_symlinks=False)
                if stat.S_ISDIR(facts.st_mode):
                    if depth >= 3:
                        self.complain("%s: a folder that no bundle has" % shown(path))
                    elif self.walk(path + "/", depth + 1) == 0:
                        self.complain("%s: an empty folder, which no bundle has" % shown(path))
                elif not stat.S_ISREG(facts.st_mode):
                    self.complain("%s: a link or a special file, which no bundle may hold" % shown(path))
                else:
                    need(len(self.sizes) < MAX_FILES, "more files than this verifier reads")
                    self.sizes[path] = facts.st_size
        return count

    def blocks(self, path):
        """The bytes of a file, in pieces; a link is never followed."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        flags |= getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        handle = os.open(os.path.join(self.root, *path.split("/")), flags)
        try:
            need(stat.S_ISREG(os.fstat(handle).st_mode), "%s: is not a regular file" % shown(path))
            while True:
                block = os.read(handle, 1 << 20)
                if not block:
                    return
                yield block
        finally:
            os.close(handle)


FIXED = frozenset((
    "manifest.json", "manifest.note", "README.txt", "verify.py", "entries.jsonl", "proofs/checkpoint",
    "proofs/nodes", "redactions.jsonl", "erasures.jsonl", "custody.jsonl", "identities.jsonl",
    "views/records.csv"))
PAIR = ("proofs/before", "proofs/consistency")
MAY_BE = frozenset(("keys.jsonl", "keys.age", "views/index.html") + PAIR)
RE_BODY = re.compile(r"bodies/(0|[1-9][0-9]{0,18})\.bin")
RE_POLICY = re.compile(r"policies/([0-9a-f]{64})/((?:[A-Za-z0-9._-]+/)?[A-Za-z0-9._-]+)")
RE_SEQ_HINT = re.compile(rb'"seq":"(0|[1-9][0-9]{0,18})"')
RE_RID_HINT = re.compile(rb'"rid":"([0-9a-f]{32})"')
CSV_COLUMNS = ("seq", "time", "kind", "rid", "agent", "operation", "purpose", "decision", "class",
               "period", "retain_until")
NOT_READ = "%s: cannot be read"


class Check:
    """One bundle under examination: gathers findings, then gives the verdicts."""

    def __init__(self, path, policy=None, head=None, require=()):
        self.policy, self.head, self.required = policy, head, require
        self.broken, self.forged, self.diverged, self.short = [], [], [], []
        self.manifest, self.checkpoint, self.before, self.proof = None, None, None, None
        self.entries, self.by_seq, self.keys0 = [], {}, None
        self.entries_whole, self.authentic, self.opened = False, False, 0
        self.erased, self.redacted, self.lines = {}, {}, {}
        self.rids, self.read_paths, self.head_agrees = {}, set(), None
        self.step(self.run, path)

    # -- findings

    def step(self, act, *arguments):
        """Runs one check; whatever goes wrong in it becomes a finding."""
        try:
            return act(*arguments)
        except Broken as broken:
            self.complain(str(broken))
        except OSError:
            self.complain("a file of the bundle cannot be read")
        except MemoryError:
            self.complain("the bundle is larger than this machine can check")
        except Exception as error:  # a promise: no input ends in a traceback
            self.complain("the bundle could not be checked (%s)" % type(error).__name__)
        return None

    def complain(self, text):
        self.broken.append(text)

    def record(self, seq):
        entry = self.by_seq.get(seq)
        if entry is not None and entry.leaf is not None:
            return "record %d (rid %s)" % (seq, entry.leaf["rid"])
        return "record %d" % seq

    # -- the order of the examination

    def run(self, path):
        self.folder = Folder(path, self.complain)
        need("manifest.json" in self.folder.sizes, "manifest.json: is missing")
        data = self.load("manifest.json", MAX_MANIFEST)
        self.manifest = self.within("manifest.json", Manifest, data)
        self.step(self.check_layout)
        self.step(self.read_entries)
        self.step(self.check_sequence)
        self.step(self.check_scope)
        self.step(self.check_first)
        for name in ("erasures.jsonl", "redactions.jsonl", "custody.jsonl", "identities.jsonl"):
            self.step(self.read_lines, name)
        self.step(self.check_missing)
        self.step(self.check_bodies)
        self.step(self.check_tree)
        self.step(self.check_counts)
        self.step(self.check_named)
        self.step(self.check_view)
        self.step(self.check_rest)
        self.step(self.check_policies)
        self.step(self.check_signatures, data)
        if self.policy is not None:
            self.step(self.check_trust)
        if self.head is not None and not self.broken:
            self.step(self.check_head)

    def within(self, name, act, *arguments):
        """Runs `act`; a broken rule is told with the file's name before it."""
        try:
            return act(*arguments)
        except Broken as broken:
            raise Broken("%s: %s" % (name, broken)) from None

    def load(self, path, limit=MAX_PARSED):
        """The bytes of a file, compared with what the manifest says of it."""
        need(path in self.folder.sizes, "%s: is missing" % shown(path))
        need(self.folder.sizes[path] <= limit, "%s: is larger than this verifier reads" % shown(path))
        pieces, size = [], 0
        try:
            for block in self.folder.blocks(path):
                size += len(block)
                need(size <= limit, "%s: is larger than this verifier reads" % shown(path))
                pieces.append(block)
        except OSError:
            raise Broken(NOT_READ % shown(path)) from None
        data = b"".join(pieces)
        if path not in self.read_paths:
            self.read_paths.add(path)
            self.compare(path, hashlib.sha256(data).hexdigest(), len(data))
        return data

    def compare(self, path, digest, size):
        if path in ("manifest.json", "manifest.note") or self.manifest is None:
            return
        known = self.manifest.files.get(path)
        if known is not None and known != (digest, size):
            self.complain("%s: is not the file that the manifest names (changed after the export)"
                          % shown(path))

    # -- which files are there

    def check_layout(self):
        there, manifest = set(self.folder.sizes), self.manifest
        listed = set(manifest.files)
        lacking = (listed | FIXED) - there
        for path in sorted(listed & {"manifest.json", "manifest.note"}):
            self.complain("manifest.json: names %s among its files" % path)
        for path in sorted(there - listed - {"manifest.json", "manifest.note"}):
            self.complain("%s: is in the bundle and not in its manifest" % shown(path))
        for path in sorted(lacking):
            self.complain("%s: is missing" % shown(path))
        for path in sorted(FIXED - listed - lacking - {"manifest.json", "manifest.note"}):
            self.complain("%s: is not named by the manifest" % shown(path))
        keys_file = {"clear": "keys.jsonl", "age": "keys.age", "none": None}[manifest.keys]
        for path in sorted(listed | there):
            if not self.is_known(path):
                self.complain("%s: is not a file that a bundle may hold" % shown(path))
            if path in ("keys.jsonl", "keys.age") and path != keys_file:
                self.complain("%s: is there although the manifest says keys are otherwise" % path)
        if keys_file is not None and keys_file not in there | listed:
            self.complain("%s: is missing" % keys_file)
        need((PAIR[0] in there) == (PAIR[1] in there),
             "proofs/before and proofs/consistency: one is there without the other")

    @staticmethod
    def is_known(path):
        if path in FIXED or path in MAY_BE:
            return True
        body = RE_BODY.fullmatch(path)
        if body is not None:
            return is_dec(body.group(1))
        return RE_POLICY.fullmatch(path) is not None and is_path(path)

    def check_rest(self):
        """Files that are only hashed: the ones for people, keys for others, policies."""
        for path in sorted(set(self.folder.sizes) - self.read_paths):
            known = self.manifest.files.get(path)
            if known is None:
                continue
            if self.folder.sizes[path] != known[1] or known[1] > MAX_FILE:
                self.compare(path, "", -1)
                continue
            self.step(self.hash_only, path)
            if path == "keys.age":
                self.step(self.check_age)

    def hash_only(self, path):
        digest, size = hashlib.sha256(), 0
        try:
            for block in self.folder.blocks(path):
                digest.update(block)
                size += len(block)
        except OSError:
            raise Broken(NOT_READ % shown(path)) from None
        self.compare(path, digest.hexdigest(), size)

    def check_policies(self):
        """The folder of a policy is named by the hash over its files (section 6.5)."""
        policies = {}
        for path in self.folder.sizes:
            match = RE_POLICY.fullmatch(path)
            if match is not None:
                policies.setdefault(match.group(1), []).append((match.group(2), path))
        for version, files in sorted(policies.items()):
            digest = hashlib.sha256(b"tidewaiter policy v1\n")
            for name, path in sorted(files):
                digest.update(b"%s\n%d\n" % (name.encode("ascii"), self.folder.sizes[path]))
                for block in self.folder.blocks(path):
                    digest.update(block)
                digest.update(b"\n")
            need(digest.hexdigest() == version,
                 "policies/%s: its files are not those of this policy" % version)

    def check_age(self):
        start = next(self.folder.blocks("keys.age"), b"")
        need(start.startswith((b"age-encryption.org/v1\n", b"-----BEGIN AGE ENCRYPTED FILE-----\n")),
             "keys.age: is not a file encrypted with age v1")

    # -- entries

    def read_entries(self):
        data = self.load("entries.jsonl")
        self.entries_whole = True
        for number, line in enumerate(self.within("entries.jsonl", split_lines, data), 1):
            try:
                entry = Entry(line)
                need(entry.seq not in self.by_seq, "has a seq that an earlier line has")
                need(not self.entries or self.entries[-1].seq < entry.seq, "is out of order")
                need(entry.seq < self.manifest.size, "lies beyond the signed tree")
                need(entry.leaf is None or entry.leaf["log"] == self.manifest.log,
                     "belongs to another log")
            except Broken as broken:
                self.entries_whole = False
                self.complain("entries.jsonl line %d%s: %s" % (number, self.hint(line), broken))
            else:
                self.entries.append(entry)
                self.by_seq[entry.seq] = entry

    @staticmethod
    def hint(line):
        seq, rid = RE_SEQ_HINT.search(line), RE_RID_HINT.search(line)
        text = ", record %s" % seq.group(1).decode("ascii") if seq else ""
        return text + (" (rid %s)" % rid.group(1).decode("ascii") if rid else "")

    def check_sequence(self):
        """Chain, time, and the counters: what neighbours can break between them (section 6.2)."""
        before, time, whole, tags = None, "", 0, {}
        for entry in self.entries:
            leaf = entry.leaf
            if leaf is not None:
                name = self.record(entry.seq)
                if before is not None and before.seq == entry.seq - 1:
                    if leaf["prev"] != before.hash.hex():
                        self.complain("%s: its `prev` is not the hash of %s: one of the two was changed"
                                      % (name, self.record(before.seq)))
                if leaf["time"] < time:
                    self.complain("%s: is older than the record before it" % name)
                if self.rids.setdefault(leaf["rid"], entry.seq) != entry.seq:
                    self.complain("%s: has the rid of record %d" % (name, self.rids[leaf["rid"]]))
                # `hidden`: how many records before this one the bundle does not show
                self.check_counter(name, leaf, tags, entry.seq - whole)
                time, whole = max(time, leaf["time"]), whole + 1
            before = entry

    def check_counter(self, name, leaf, tags, hidden):
        """`n` counts the leaves of a tag without a gap: only hidden records may account for one."""
        n, kin = int(leaf["n"]), (leaf["class"], leaf["period"])
        last, known_hidden, known_kin = tags.get(leaf["tag"], (0, 0, kin))
        if n <= last:
            self.complain("%s: its counter `n` does not grow" % name)
        elif n - last > 1 + hidden - known_hidden:
            self.complain("%s: its counter `n` has a gap that no missing record explains" % name)
        if kin != known_kin:
            self.complain("%s: has the tag of another class or period" % name)
        tags[leaf["tag"]] = (max(n, last), hidden, kin)

    def check_scope(self):
        if self.entries_whole and self.manifest.range is not None:
            low, high = self.manifest.range
            for entry in self.entries:
                if entry.seq != 0 and not low <= entry.seq < high:
                    self.complain("%s: lies outside the range of the manifest" % self.record(entry.seq))
            inside = bisect_left(self.seqs(), high) - bisect_left(self.seqs(), low)
            if inside != high - low:
                missing = next(seq for seq in range(low, high) if seq not in self.by_seq)
                self.complain("record %d: is in the range of the manifest and not in the bundle (%d such)"
                              % (missing, high - low - inside))

    def seqs(self):
        return [entry.seq for entry in self.entries]

    def check_first(self):
        """seq 0 gives the keys that the log signs with (end of section 1)."""
        first = self.by_seq.get(0)
        if first is None and not self.entries_whole:
            return
        need(first is not None and first.leaf is not None, "record 0: is not there whole")
        keys, members = {}, first.leaf.get("x", {})
        need(sorted(members) == ["checkpoint", "manifest", "receipt"],
             "%s: does not name the three keys of the log" % self.record(0))
        for role, suffix in (("checkpoint", ""), ("manifest", "/manifest"), ("receipt", "/receipt")):
            keys[role] = self.within("%s: its %s key" % (self.record(0), role), VKey, members[role], ED25519)
            need(keys[role].name == first.leaf["log"] + suffix,
                 "%s: its %s key has another name than the log's" % (self.record(0), role))
        need(len({key.key for key in keys.values()}) == 3, "%s: uses one key twice" % self.record(0))
        self.keys0 = keys

    # -- what is missing, and why

    def read_lines(self, name):
        data, rules, seen = self.load(name), LINE_RULES[name], {}
        self.lines[name] = seen
        for number, line in enumerate(self.within(name, split_lines, data), 1):
            where = "%s line %d" % (name, number)
            try:
                need(line and b"\r" not in line, "is empty or has a carriage return")
                need(len(line) <= MAX_JSON_LINE, "is longer than this verifier reads")
                value = check_object(plain_json(line), rules)
                key = int(value["seq"]) if "seq" in rules else number
                need(key not in seen, "names record %d a second time" % key)
                seen[key] = value
            except Broken as broken:
                self.complain("%s: %s" % (where, broken))

    def check_missing(self):
        self.erased = self.lines.get("erasures.jsonl", {})
        self.redacted = self.lines.get("redactions.jsonl", {})
        if not self.entries_whole:
            return
        for seq in sorted(self.erased.keys() | self.redacted.keys()):
            if seq not in self.by_seq:
                self.complain("record %d: is named as erased or withheld and not in entries.jsonl" % seq)
            if seq in self.erased and seq in self.redacted:
                self.complain("%s: is named both as erased and as withheld" % self.record(seq))
        for entry in self.entries:
            if entry.reason == "erased" and entry.seq not in self.erased:
                self.complain("record %d: is cut as erased and not named in erasures.jsonl" % entry.seq)
            if entry.reason == "withheld" and entry.seq not in self.redacted:
                self.complain("record %d: is cut as withheld and not named in redactions.jsonl" % entry.seq)

    def has_body(self, seq):
        return "bodies/%d.bin" % seq in self.folder.sizes

    def check_bodies(self):
        keys = None
        if self.manifest.keys == "clear" and "keys.jsonl" in self.folder.sizes:
            self.step(self.read_lines, "keys.jsonl")
            keys = self.lines.get("keys.jsonl", {})
        for path in self.folder.sizes:
            body = RE_BODY.fullmatch(path)
            entry = self.by_seq.get(int(body.group(1))) if body is not None else None
            if body is not None and self.entries_whole and (entry is None or entry.leaf is None):
                self.complain("%s: belongs to no whole leaf" % path)
        for entry in self.entries:
            if entry.leaf is not None:
                self.step(self.check_body, entry, keys)
        for seq in sorted(keys or ()):
            entry = self.by_seq.get(seq)
            if self.entries_whole and (entry is None or entry.leaf is None or not self.has_body(seq)):
                self.complain("keys.jsonl: has a key for %s, which has no body here" % self.record(seq))

    def check_body(self, entry, keys):
        seq, leaf, name = entry.seq, entry.leaf, self.record(entry.seq)
        gone = seq in self.erased or seq in self.redacted
        if not self.has_body(seq):
            need(gone, "%s: its body is missing, and no file says why" % name)
            return
        need(not gone, "%s: is said to be erased or withheld, and its body is here" % name)
        data = self.load("bodies/%d.bin" % seq, MAX_BODY)
        need(len(data) == 32 + int(leaf["body_len"]) + 16, "%s: its body has the wrong length" % name)
        need(hashlib.sha256(data).hexdigest() == leaf["body"],
             "%s: its body is not the one its leaf names (changed or exchanged)" % name)
        if keys is not None and seq in keys:
            self.within(name, open_body, leaf, data, keys[seq])
            self.opened += 1

    # -- tree and counts

    def check_tree(self):
        manifest = self.manifest
        data = self.load("proofs/nodes")
        self.checkpoint = self.within("proofs/checkpoint", Checkpoint, self.load("proofs/checkpoint"))
        need(self.checkpoint.origin == manifest.log, "proofs/checkpoint: is of another log")
        need((self.checkpoint.size, self.checkpoint.root) == (manifest.size, manifest.root),
             "proofs/checkpoint: is for another tree than the manifest")
        self.step(self.check_before)
        if not self.entries_whole:
            return
        hashes = [entry.hash for entry in self.entries]
        reader = self.within("proofs/nodes", NodeReader, data)
        root = self.within("proofs/nodes", reader.root, self.seqs(), hashes, manifest.size)
        need(root == manifest.root, "entries.jsonl and proofs/nodes: do not give the root that was signed: "
             "a record was changed, added, removed or moved")

    def check_before(self):
        if not all(path in self.folder.sizes for path in PAIR):
            return
        before = self.within(PAIR[0], Checkpoint, self.load(PAIR[0]))
        need(before.origin == self.manifest.log, "proofs/before: is of another log")
        need(1 <= before.size <= self.manifest.size, "proofs/before: has a size outside the tree")
        lines = self.within(PAIR[1], split_lines, self.load(PAIR[1]))
        proof = [unbase64_hash(line.decode("latin-1")) for line in lines]
        need(None not in proof, "proofs/consistency: has a malformed line")
        need(is_consistent(before.size, self.manifest.size, before.root, self.manifest.root, proof),
             "proofs/consistency: does not lead from proofs/before to the tree: history was rewritten")
        self.before = before

    def in_scope(self, seq):
        """Is this entry one of those that the manifest counts?"""
        if self.manifest.range is not None:
            return self.manifest.range[0] <= seq < self.manifest.range[1]
        return seq != 0

    def check_counts(self):
        if not self.entries_whole:
            return
        counts = self.manifest.counts
        seen = {"delivered": 0, "cut": 0, "withheld": 0}
        for entry in self.entries:
            if self.in_scope(entry.seq):
                seen[{None: "delivered", "erased": "cut", "withheld": "withheld"}[entry.reason]] += 1
        for name, count in seen.items():
            need(counts[name] == count, "manifest.json: says %d %s, and the bundle has %d"
                 % (counts[name], name, count))
        if self.manifest.range is not None:
            low, high = self.manifest.range
            need(counts["found"] == high - low, "manifest.json: found is not the length of its range")

    def check_named(self):
        """Records that the bundle points to, where they are in it."""
        self.check_kind(self.manifest.export, ("duty",), "manifest.json: its export")
        for seq, line in sorted(self.erased.items()):
            self.check_kind(line["record"], ("erasure.executed", "key.destroyed"),
                            "erasures.jsonl, record %d" % seq)

    def check_kind(self, rid, kinds, where):
        seq = self.rids.get(rid)
        if seq is not None and self.by_seq[seq].leaf["kind"] not in kinds:
            self.complain("%s: points to %s, which is of another kind" % (where, self.record(seq)))

    def check_view(self):
        data = self.load("views/records.csv")
        if not self.entries_whole:
            return
        lines = self.within("views/records.csv", split_lines, data)
        header = ",".join(CSV_COLUMNS).encode("ascii")
        need(lines and lines[0] == header, "views/records.csv: has another header")
        whole = [entry for entry in self.entries if entry.leaf is not None]
        for line, entry in zip(lines[1:], whole):
            row = ",".join(entry.leaf.get(column, "") for column in CSV_COLUMNS).encode("ascii")
            need(line == row, "views/records.csv: does not show %s as it is" % self.record(entry.seq))
        need(len(lines) - 1 == len(whole), "views/records.csv: has %d records, and the bundle has %d"
             % (len(lines) - 1, len(whole)))

    # -- signatures

    def check_signatures(self, manifest_data):
        """Sections 4 and 5, with the keys of record 0. This proves nothing about who signed: that
        is `check_trust`. It only refuses a bundle that contradicts itself."""
        note = self.within("manifest.note", Note, self.load("manifest.note"))
        text = "tidewaiter/manifest/v1\n%s\n%s\n" % (
            self.manifest.log, hashlib.sha256(manifest_data).hexdigest())
        need(note.text == text.encode("ascii"),
             "manifest.note: is not about this manifest.json: one of the two was changed")
        if self.keys0 is None:
            return
        self.step(self.demand, "manifest.note", note, self.keys0["manifest"])
        for name, checkpoint in (("proofs/checkpoint", self.checkpoint), (PAIR[0], self.before)):
            if checkpoint is not None:
                self.step(self.demand, name, checkpoint.note, self.keys0["checkpoint"])

    def demand(self, name, note, key):
        need(self.within(name, note.signed_by, key),
             "%s: is not signed by the key that record 0 names for it" % name)

    def check_trust(self):
        before = len(self.forged)
        try:
            self.judge_trust()
        except Broken as broken:
            self.forged.append("under your trust file: %s" % broken)
        self.authentic = not self.broken and len(self.forged) == before

    def judge_trust(self):
        need(any(key.name == self.manifest.log for key in self.policy.logs), "it does not name this log")
        if self.checkpoint is None or self.keys0 is None:
            raise Broken("the signatures it demands could not be found")
        note = self.checkpoint.note
        signers = [key.text for key in self.policy.logs if note.signed_by(key)]
        need(signers, "proofs/checkpoint is not signed by a log key you trust")
        if self.keys0["checkpoint"].text not in signers:
            self.forged.append("%s: names another checkpoint key than the one you trust" % self.record(0))
        cosigned = {name for name, key in self.policy.witnesses.items() if note.signed_by(key)}
        need(self.policy.satisfied(self.policy.quorum, cosigned),
             "proofs/checkpoint lacks cosignatures of the quorum you demand")

    # -- a checkpoint the reader holds

    def check_head(self):
        head, manifest = self.head, self.manifest
        if head.origin != manifest.log:
            self.short.append("the checkpoint you hold is of another log and cannot be compared")
            return
        agrees = None
        if head.size == manifest.size:
            agrees = head.root == manifest.root
        elif self.before is not None and self.before.size == head.size:
            agrees = head.root == self.before.root
        elif head.size < manifest.size and self.entries_whole:
            known = [entry.hash for at, entry in enumerate(self.entries) if entry.seq == at]
            if len(known) >= head.size:
                agrees = merkle_root(known[:head.size]) == head.root
        self.head_agrees = agrees
        if agrees is None:
            self.short.append("the checkpoint you hold (size %d) cannot be compared with this bundle"
                              % head.size)
        elif not agrees:
            self.diverged.append("the checkpoint you hold (size %d) contradicts this bundle: "
                                 "the log showed two histories" % head.size)

    # -- verdicts (section 7)

    def verdicts(self):
        proved, attested, unproven = "proved", "attested", "unproven"
        if self.broken:
            result = dict.fromkeys(VERDICTS, unproven)
            result.update(integrity="invalid")
            return result
        authentic = self.authentic and not self.forged
        ranged = self.manifest.range is not None
        missing = [e.seq for e in self.entries if self.in_scope(e.seq) and not self.has_body(e.seq)]
        named = all(seq in self.erased for seq in missing)
        complete = proved if ranged and not any(map(self.in_scope, self.redacted)) else attested
        erasure = proved if ranged and not missing else attested if named else unproven
        return {
            "integrity": proved,
            "authenticity": proved if authentic else "invalid" if self.forged else unproven,
            "completeness": complete if authentic else unproven,
            "time": attested if authentic else unproven,
            "erasure": erasure if authentic else unproven,
        }

    def outcome(self):
        verdicts, short = self.verdicts(), list(self.short)
        if verdicts["integrity"] != "invalid":
            if self.policy is None:
                short.append("no trust file was given: who made this bundle is not proved")
            for name in VERDICTS:
                if name in self.required and verdicts[name] not in ("proved", "attested"):
                    short.append("%s was required and is %s" % (name, verdicts[name]))
        if self.broken or self.forged:
            status = EXIT_INVALID
        elif self.diverged:
            status = EXIT_DIVERGED
        elif short or verdicts["completeness"] == "unproven":
            status = EXIT_UNPROVEN
        else:
            status = EXIT_PROVED
        findings = self.broken + self.forged + self.diverged + short
        if len(findings) > MAX_FINDINGS:
            more = len(findings) - MAX_FINDINGS
            findings = findings[:MAX_FINDINGS] + ["and %d more findings" % more]
        return {"exit": status, "verdicts": verdicts, "findings": findings}


def open_body(leaf, stored, line):
    """Opens a stored body with its released key (section 3); returns the JSON text's value."""
    keys = hkdf(bytes.fromhex(line["key"]), b"", b"tw/1 body key\n", 64)
    need(line["kc"] == leaf["kc"] and keys[32:].hex() == leaf["kc"],
         "the key released for it is not the key it was sealed under")
    aad = "tw/1 body\n%s\n%s\n%s\n%s\n%s\n" % (
        leaf["log"], leaf["rid"], leaf["tag"], leaf["kind"], leaf["class"])
    plain = gcm_open(keys[:32], bytes(12), aad.encode("ascii"), stored[32:])
    need(plain is not None, "its body does not open with the key released for it")
    length, bucket = int.from_bytes(plain[:4], "big"), 1024
    while bucket < length + 4 and bucket <= len(plain):
        bucket *= 2
    need(bucket == len(plain), "its body is padded to the wrong length")
    need(not plain[4 + length:].strip(b"\x00"), "its body has padding that is not zero")
    try:
        return plain_json(plain[4:4 + length], numbers=True)
    except Broken as broken:
        raise Broken("its opened body %s" % broken) from None


def verify(path, trust=None, head=None, require=()):
    """Checks the bundle at `path`; `trust` and `head` are the bytes of those files.

    Returns a dict of `exit`, `verdicts` and `findings`. Raises Usage for the reader's own files."""
    return examine(path, trust, head, require).outcome()


def examine(path, trust=None, head=None, require=()):
    policy = own_file("the trust file", Policy, trust)
    held = own_file("the checkpoint you hold", Checkpoint, head)
    return Check(path, policy, held, require)


def own_file(name, kind, data):
    try:
        return None if data is None else kind(data)
    except Broken as broken:
        raise Usage("%s: %s" % (name, broken)) from None


# ---------------------------------------------------------------------------------------------
# Output for people

MEANING = {
    "integrity": {
        "proved": "nothing in this bundle was changed since it was made",
        "invalid": "the bundle breaks its own rules: do not rely on it",
    },
    "authenticity": {
        "proved": "the log whose key you trust signed it",
        "unproven": "without a trust file anybody could have made this bundle",
        "invalid": "it is not signed as your trust file demands",
    },
    "completeness": {
        "proved": "every record of the range is here",
        "attested": "the log says that this is all; it cannot be proved (a selection, or parts withheld)",
        "unproven": "nothing shows that no record was left out",
    },
    "time": {
        "attested": "the times are the log's own word",
        "unproven": "nothing supports the times",
    },
    "erasure": {
        "proved": "nothing in scope is missing",
        "attested": "whatever is missing is named as erased, on the log's word",
        "unproven": "something is missing, or nothing supports the reason given",
    },
}
SUMMARY = {
    EXIT_PROVED: "VERIFIED.",
    EXIT_INVALID: "INVALID. Do not rely on this bundle.",
    EXIT_DIVERGED: "DIVERGED. The log has shown you and this bundle two different histories.",
    EXIT_UNPROVEN: "NOT PROVED. No rule is broken, but something could not be established.",
}


def describe(check, outcome):
    """The verdicts in words."""
    lines, manifest = [], check.manifest
    if manifest is not None:
        lines.append("Log:      %s, %d records in the signed tree" % (manifest.log, manifest.size))
        scope = "records chosen by a selection"
        if manifest.range is not None:
            scope = "records %d up to, but not including, %d" % manifest.range
        lines.append("Scope:    " + scope)
        lines.append("Claims:   found %(found)d, delivered %(delivered)d, cut as erased %(cut)d, "
                     "withheld %(withheld)d" % manifest.counts)
        if check.opened:
            lines.append("Contents: %d bodies opened and read" % check.opened)
        else:
            lines.append("Contents: not opened (no keys in the clear); bodies were checked by hash only")
    lines.append("")
    for name in VERDICTS:
        verdict = outcome["verdicts"][name]
        meaning = MEANING[name].get(verdict, "not judged, because the bundle is invalid")
        if check.broken and verdict == "unproven":
            meaning = "not judged, because the bundle is invalid"
        lines.append("  %-13s %-9s %s" % (name, verdict.upper(), meaning))
    if check.head_agrees:
        lines.append("  The checkpoint you hold agrees with this bundle.")
    if outcome["findings"]:
        lines += ["", "Findings:"] + ["  - " + text for text in outcome["findings"]]
    lines += ["", "Result: %s (exit status %d)" % (SUMMARY[outcome["exit"]], outcome["exit"])]
    return "\n".join(lines)


def read_own(path, name):
    try:
        with open(path, "rb") as file:
            return file.read(MAX_NOTE + 1)
    except (OSError, ValueError):
        raise Usage("%s cannot be read" % name) from None


def verdict_names(text):
    names = text.split(",")
    if any(name not in VERDICTS for name in names):
        raise argparse.ArgumentTypeError("expected names out of " + ",".join(VERDICTS))
    return tuple(names)


def arguments(words):
    parser = argparse.ArgumentParser(
        prog="verify.py", description="Check an evidence bundle (ledger format tw/1), offline.",
        epilog="Exit status: 0 verified, 10 invalid, 11 diverged, 12 not proved, 2 usage.")
    parser.add_argument("bundle", nargs="?", metavar="BUNDLE", help="the unpacked bundle, a directory")
    parser.add_argument("--trust", metavar="FILE", help="keys you trust (C2SP tlog-policy), got elsewhere")
    parser.add_argument("--head", metavar="FILE", help="a checkpoint of the log that you kept")
    parser.add_argument("--require", metavar="NAMES", type=verdict_names, default=(),
                        help="verdicts that must be at least attested, joined by commas")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--self-test", action="store_true", help="try this program on published vectors")
    options = parser.parse_args(words)
    if not options.self_test and options.bundle is None:
        parser.error("BUNDLE is missing")
    return options


def main(words=None):
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    options = arguments(words)
    try:
        if options.self_test:
            return self_test()
        if not os.path.isdir(options.bundle):
            raise Usage("BUNDLE is not a directory; unpack an archive first")
        trust = read_own(options.trust, "the trust file") if options.trust is not None else None
        head = read_own(options.head, "the checkpoint you hold") if options.head is not None else None
        check = examine(options.bundle, trust, head, options.require)
    except Usage as usage:
        print("verify.py: %s" % usage, file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        print("verify.py: stopped; there is no verdict", file=sys.stderr)
        return EXIT_USAGE
    outcome = check.outcome()
    try:
        print(json.dumps(outcome) if options.json else describe(check, outcome), flush=True)
    except OSError:
        # nobody reads the output any more; the exit status still tells
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return outcome["exit"]


# ---------------------------------------------------------------------------------------------
# Self-test: published vectors, so that a reader can see that the arithmetic above is right

RFC8032 = (
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
     "d25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
     "387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
     "4a7c15e9716ed28dc027beceea1ec40a"),
    ("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
     "454d4423643ce80e2a9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
     "3dca179c138ac17ad9bef1177331a704"),
)

# McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13 to 16 (AES-256):
# key, nonce, additional data, plaintext, ciphertext, tag
GCM_KEY = "feffe9928665731c6d6a8f9467308308" * 2
GCM_PLAIN = ("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
             "b16aedf5aa0de657ba637b391aafd255")
GCM_CIPHER = ("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
              "c5f61e6393ba7a0abcc9f662898015ad")
GCM = (
    ("00" * 32, "00" * 12, "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
    ("00" * 32, "00" * 12, "", "00" * 16, "cea7403d4d606b6e074ec5d3baf39d18",
     "d0d1c8a799996bf0265b98b5d48ab919"),
    (GCM_KEY, "cafebabefacedbaddecaf888", "", GCM_PLAIN, GCM_CIPHER, "b094dac5d93471bdec1a502270e3cc6c"),
    (GCM_KEY, "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     GCM_PLAIN[:120], GCM_CIPHER[:120], "76fc6ece0f4e1768cddf8853bb2d551b"),
)

# RFC 5869 appendix A, cases 1 and 3: input key, salt, info, output
HKDF = (
    ("0b" * 22, "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
     "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"),
    ("0b" * 22, "", "",
     "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"),
)

# The tree over the eight inputs that Certificate Transparency implementations share: its roots.
CT_LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
             "606162636465666768696a6b6c6d6e6f")
CT_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def consistency_proof(old, hashes):
    """RFC 6962 section 2.1.2, as a log makes it."""
    def part(m, low, high, whole):
        if m == high - low:
            return [] if whole else [merkle_root(hashes[low:high])]
        k = split_point(high - low)
        if m <= k:
            return part(m, low, low + k, whole) + [merkle_root(hashes[low + k:high])]
        return part(m - k, low + k, high, False) + [merkle_root(hashes[low:low + k])]
    return part(old, 0, len(hashes), True)


def test_ed25519():
    for key, message, signature in (tuple(map(bytes.fromhex, case)) for case in RFC8032):
        yield ed25519_verify(key, message, signature)
        yield not ed25519_verify(key, message + b"x", signature)
        raised = (int.from_bytes(signature[32:], "little") + ORDER).to_bytes(32, "little")
        yield not ed25519_verify(key, message, signature[:32] + raised)
    for bad in (1, P - 1, P, P + 1, (1 << 255) | 1, 0, 2):
        yield public_key(bad.to_bytes(32, "little")) is None


def test_gcm():
    for case in GCM:
        key, nonce, aad, plain, ciphertext, tag = map(bytes.fromhex, case)
        yield gcm_open(key, nonce, aad, ciphertext + tag) == plain
        yield gcm_open(key, nonce, aad + b"x", ciphertext + tag) is None
        yield gcm_open(key, nonce, aad, ciphertext + tag[:-1] + bytes([tag[-1] ^ 1])) is None


def test_hkdf():
    for ikm, salt, info, out in (tuple(map(bytes.fromhex, case)) for case in HKDF):
        yield hkdf(ikm, salt, info, len(out)) == out


def test_tree():
    hashes = [leaf_hash(bytes.fromhex(leaf)) for leaf in CT_LEAVES]
    for size, root in enumerate(CT_ROOTS):
        yield merkle_root(hashes[:size]).hex() == root
    for new in range(1, 9):
        for old in range(1, new + 1):
            old_root, new_root = (bytes.fromhex(CT_ROOTS[size]) for size in (old, new))
            proof = consistency_proof(old, hashes[:new])
            yield is_consistent(old, new, old_root, new_root, proof)
            yield not is_consistent(old, new, EMPTY_ROOT, new_root, proof)
            yield not is_consistent(old, new, old_root, new_root, proof + [EMPTY_ROOT])


def self_test():
    passed = failed = 0
    for name, cases in (("Ed25519, RFC 8032", test_ed25519()), ("AES-256-GCM", test_gcm()),
                        ("HKDF-SHA256, RFC 5869", test_hkdf()),
                        ("Merkle tree, RFC 6962", test_tree())):
        results = list(cases)
        passed, failed = passed + sum(results), failed + len(results) - sum(results)
        print("  %-22s %d of %d" % (name, sum(results), len(results)))
    print("self-test: %d passed, %d failed" % (passed, failed))
    return EXIT_PROVED if failed == 0 else EXIT_INVALID


if __name__ == "__main__":
    if sys.version_info < (3, 9):
        sys.exit("verify.py: needs Python 3.9 or newer")
    sys.exit(main())
