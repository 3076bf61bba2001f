"""Tests of verify.py: everything that must be accepted, and everything that must be caught.

    python3 test_verify.py          all of it, with a summary at the end
    python3 test_verify.py -q Name  as unittest takes names

CHANGES=N tries N single-byte changes instead of 2,000. OTHER=PROGRAM asks another verifier, with the
same command line but for a first word `verify`, about every input; the two must agree.
"""

import functools
import hashlib
import io
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import make_bundle as mb  # noqa: E402
import verify as v  # noqa: E402

PROGRAM = os.path.join(HERE, "..", "..", "verify.py")
CHANGES = int(os.environ.get("CHANGES", "2000"))
OTHER = os.environ.get("OTHER")
TALLY = {}

# The same few bodies are opened thousands of times: what one key makes of one ciphertext is kept.
v.gcm_open = functools.lru_cache(maxsize=512)(v.gcm_open)
if os.access("/dev/shm", os.W_OK):
    # thousands of bundles are made and removed
    tempfile.tempdir = "/dev/shm"


def count(what, number=1):
    TALLY[what] = TALLY.get(what, 0) + number


def judge(folder, trust=None, head=None, require=()):
    """What verify.py says, which is also what the other verifier says, if there is one."""
    try:
        outcome = v.verify(folder, trust, head, require)
    except v.Usage:
        outcome = None
    if OTHER:
        ask_other(folder, trust, head, require, outcome)
    if outcome is None:
        raise v.Usage("trust or head")
    return outcome


def ask_other(folder, trust, head, require, outcome):
    with tempfile.TemporaryDirectory() as place:
        words = [OTHER, "verify", folder, "--json"]
        for name, data in (("--trust", trust), ("--head", head)):
            if data is not None:
                mb.write({name: data}, place)
                words += [name, os.path.join(place, name)]
        if require:
            words += ["--require", ",".join(require)]
        done = subprocess.run(words, capture_output=True, timeout=120)
    mine = (outcome["exit"], outcome["verdicts"]) if outcome else (2, None)
    theirs = (done.returncode, None)
    if done.returncode != 2:
        said = json.loads(done.stdout)
        theirs = (done.returncode, said["verdicts"])
        mine_findings, their_findings = outcome and outcome["findings"][:3], said["findings"][:3]
    else:
        mine_findings, their_findings = outcome and outcome["findings"][:3], done.stderr[-300:]
    count("inputs put to the other verifier")
    if mine != theirs:
        count("disagreements with the other verifier")
        raise AssertionError("verify.py says %s %s, the other %s %s" % (
            mine, mine_findings, theirs, their_findings))


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.log = mb.sample()
        cls.trust = cls.log.trust()

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="bundle-")
        self.addCleanup(shutil.rmtree, self.folder, True)

    def check(self, files, trust=NotImplemented, **options):
        """Writes the files to a fresh folder and verifies it."""
        shutil.rmtree(self.folder, True)
        os.mkdir(self.folder)
        mb.write(files, self.folder)
        return self.verify(trust, **options)

    def verify(self, trust=NotImplemented, **options):
        outcome = judge(self.folder, self.trust if trust is NotImplemented else trust, **options)
        self.assertEqual(sorted(outcome), ["exit", "findings", "verdicts"])
        self.assertEqual(sorted(outcome["verdicts"]), sorted(v.VERDICTS))
        for text in outcome["findings"]:
            self.assertTrue(text.isascii() and text.isprintable(), text)
            self.assertNotIn("could not be checked", text)
        return outcome

    def accepted(self, files, **options):
        outcome = self.check(files, **options)
        self.assertEqual(outcome["exit"], 0, outcome)
        self.assertEqual(outcome["findings"], [])
        count("accepted")
        return outcome

    def refused(self, files, finding=None, **options):
        """Integrity broken: 10 with and without a trust file, for the reason expected."""
        outcome = self.check(files, **options)
        self.assertEqual((outcome["exit"], outcome["verdicts"]["integrity"]), (10, "invalid"), outcome)
        for name in ("authenticity", "completeness", "time", "erasure"):
            self.assertEqual(outcome["verdicts"][name], "unproven")
        if finding is not None:
            self.assertTrue(any(re.search(finding, text) for text in outcome["findings"]),
                            "%s not in %s" % (finding, outcome["findings"]))
        self.assertEqual(self.verify(None)["exit"], 10)
        count("doctored bundles refused")
        return outcome

    def forged(self, files, finding, trust=NotImplemented):
        """No rule is broken, and the trust file does not bear it out."""
        outcome = self.check(files, trust)
        self.assertEqual(outcome["exit"], 10, outcome)
        self.assertEqual(outcome["verdicts"], {
            "integrity": "proved", "authenticity": "invalid", "completeness": "unproven",
            "time": "unproven", "erasure": "unproven"})
        self.assertTrue(any(re.search(finding, text) for text in outcome["findings"]), outcome)
        self.assertEqual(self.verify(None)["exit"], 12)
        count("forgeries refused")

    def bundle(self, **options):
        return mb.bundle(self.log, **options)

    def edited(self, path, change, files=None, **options):
        """One file changed by `change`, then everything signed again."""
        files = dict(files or self.bundle(**options))
        new = change(files[path])
        self.assertNotEqual(new, files[path], "the change changes nothing")
        files[path] = new
        return mb.resign(files, self.log)

    def manifest(self, change, files=None, **options):
        """manifest.json changed by `change`, and signed again."""
        files = dict(files or self.bundle(**options))
        value = json.loads(files["manifest.json"])
        old = mb.dump(value)
        change(value)
        files["manifest.json"] = mb.dump(value)
        self.assertNotEqual(old, files["manifest.json"], "the change changes nothing")
        return mb.sign_manifest(files, self.log)


def swap(old, new, times=1):
    def change(data):
        old_bytes, new_bytes = (x.encode() if isinstance(x, str) else x for x in (old, new))
        assert old_bytes in data, old
        return data.replace(old_bytes, new_bytes, times)
    return change


def line_of(number, change):
    """Changes one line of a file."""
    def act(data):
        lines = data.split(b"\n")
        lines[number] = change(lines[number])
        return b"\n".join(lines)
    return act


class Good(Case):
    def test_every_sort_of_bundle_has_its_verdicts(self):
        for name, (files, expected) in mb.sorts(self.log).items():
            with self.subTest(name):
                verdicts = self.accepted(files)["verdicts"]
                self.assertEqual(
                    tuple(verdicts[key] for key in ("completeness", "time", "erasure")),
                    (expected[0], "attested", expected[2]))
                self.assertEqual((verdicts["integrity"], verdicts["authenticity"]), ("proved", "proved"))

    def test_without_trust_it_is_12_and_nothing_but_integrity_is_proved(self):
        for name, (files, _) in mb.sorts(self.log).items():
            with self.subTest(name):
                outcome = self.check(files, None)
                self.assertEqual(outcome["exit"], 12)
                self.assertEqual(outcome["verdicts"].pop("integrity"), "proved")
                self.assertEqual(set(outcome["verdicts"].values()), {"unproven"})

    def test_require(self):
        files = self.bundle(withheld=(5,))
        self.assertEqual(self.check(files, require=("time", "completeness"))["exit"], 0)
        self.assertEqual(self.check(files, require=("erasure",))["exit"], 12)
        self.assertEqual(self.check(self.bundle(), require=("erasure", "time"))["exit"], 0)

    def test_trees_of_many_sizes_and_selections(self):
        log = mb.Log("many")
        for number in range(40):
            log.add("turn", "s%d" % (number % 5), "chat", {"n": str(number)})
        chance = random.Random(7)
        for size in range(1, 42):
            select = sorted(chance.sample(range(size), chance.randint(1, size)))
            self.accepted(mb.bundle(log, select=select, size=size, keys="none"), trust=log.trust())
            low = chance.randrange(size)
            before = chance.randint(1, size)
            self.accepted(mb.bundle(log, scope=(low, chance.randint(low, size)), size=size, before=before,
                                    keys="none"), trust=log.trust())

    def test_bodies_of_every_bucket_boundary(self):
        log = mb.Log("sizes")
        for length in (2, 1018, 1019, 1020, 1021, 2044, 2045, 5000, 70000):
            log.add("turn", "s", "chat", None, plaintext=mb.pad(b'"' + b"x" * (length - 2) + b'"'))
        self.accepted(mb.bundle(log), trust=log.trust())
        self.assertEqual([r.leaf["body_len"] for r in log.records[4:8]], ["1024", "2048", "2048", "4096"])

    def test_numbers_and_escapes_are_fine_inside_a_body(self):
        log = mb.Log("inside")
        log.add("turn", "s", "chat", None, plaintext=mb.pad(b"[" * 512 + b"]" * 512))
        log.add("turn", "s", "chat", None, plaintext=mb.pad(b'{"a":' * 512 + b"1" + b"}" * 512))
        log.add("turn", "s", "chat", None, plaintext=mb.pad(b' {"a": [1, -2.5e9999, true, null], "b": "\\ud83d\\ude00"}\n'))
        self.accepted(mb.bundle(log), trust=log.trust())

    def test_keys_need_not_cover_every_body_and_may_stand_in_any_order(self):
        files = self.edited("keys.jsonl", lambda d: b"\n".join(reversed(d[:-1].split(b"\n")[2:])) + b"\n")
        self.accepted(files)

    def test_unknown_signatures_are_ignored(self):
        stranger = mb.Signer(self.log.origin, b"another key of the same name")
        other = mb.Signer("elsewhere.example/w", b"w", v.COSIGNATURE_V1)
        self.accepted(self.bundle(witnesses=(stranger, other)))
        many = [mb.Signer("w%d.example" % n, b"w%d" % n) for n in range(15)]
        self.accepted(self.bundle(witnesses=many))

    def test_json_may_have_white_space_and_escapes(self):
        files = self.bundle()
        files["manifest.json"] = json.dumps(json.loads(files["manifest.json"]), indent=2).encode() + b"\r\n"
        self.accepted(mb.sign_manifest(files, self.log))
        self.accepted(self.edited("custody.jsonl", swap("exported", "\\u0065xported")))
        self.accepted(self.edited("custody.jsonl", lambda d: b""))

    def test_a_log_of_one_record(self):
        log = mb.Log("alone")
        self.accepted(mb.bundle(log), trust=log.trust())
        self.accepted(mb.bundle(log, scope=(0, 0)), trust=log.trust())
        self.accepted(mb.bundle(log, select=[0]), trust=log.trust())


class Changes(Case):
    """Single bytes changed anywhere."""

    def setUp(self):
        super().setUp()
        self.files = self.bundle(scope=(2, 8), before=3, cut=(3,), redacted=(5,), html=True)
        mb.write(self.files, self.folder)
        self.assertEqual(self.verify()["exit"], 0)

    def change(self, path, at, flip):
        data = bytearray(self.files[path])
        data[at] ^= flip
        self.put(path, bytes(data))
        try:
            return self.verify(), self.verify(None) if at % 8 == 0 else None
        finally:
            self.put(path, self.files[path])

    def put(self, path, data):
        with open(os.path.join(self.folder, *path.split("/")), "wb") as file:
            file.write(data)

    def test_every_single_byte_change_is_caught(self):
        chance, paths = random.Random(20261122), sorted(self.files)
        for number in range(CHANGES):
            path = paths[number % len(paths)]
            at, flip = chance.randrange(len(self.files[path])), chance.randrange(1, 256)
            with self.subTest(path=path, at=at, flip=flip):
                outcome, alone = self.change(path, at, flip)
                self.assertEqual(outcome["exit"], 10, (path, at, flip))
                self.assertTrue(alone is None or alone["exit"] == 10)
                self.assertTrue(outcome["findings"])
                if path.startswith("bodies/"):
                    seq = int(path[7:-4])
                    name = "record %d (rid %s)" % (seq, self.log.records[seq].leaf["rid"])
                    self.assertTrue(any(name in text for text in outcome["findings"]), outcome)
                count("single-byte changes caught")

    def test_every_byte_of_the_small_signed_files(self):
        for path in ("manifest.note", "proofs/checkpoint", "proofs/nodes"):
            for at in range(len(self.files[path])):
                outcome, _ = self.change(path, at, 1 << at % 8)
                self.assertEqual(outcome["exit"], 10, (path, at))
                count("single-byte changes caught")

    def test_a_changed_leaf_is_named(self):
        lines = self.files["entries.jsonl"].split(b"\n")
        at = len(lines[0]) + 1 + lines[1].index(b'"rid":"') + 10
        outcome, _ = self.change("entries.jsonl", at, 1)
        self.assertTrue(any("record 2 (rid" in text for text in outcome["findings"]), outcome)

    def test_truncated_and_emptied_files(self):
        for path, data in sorted(self.files.items()):
            for short in {b"", data[:1], data[:len(data) // 2], data[:-1]} - {data}:
                self.put(path, short)
                self.assertEqual(self.verify()["exit"], 10, path)
                count("truncations caught")
            self.put(path, data + b"\n")
            self.assertEqual(self.verify()["exit"], 10, path)
            self.put(path, data)
        self.assertEqual(self.verify()["exit"], 0)

    def test_missing_files(self):
        for path, data in sorted(self.files.items()):
            os.remove(os.path.join(self.folder, *path.split("/")))
            outcome = self.verify()
            self.assertEqual(outcome["exit"], 10, path)
            self.assertTrue(any(path in text for text in outcome["findings"]), (path, outcome))
            mb.write({path: data}, self.folder)


class Signatures(Case):
    def test_stripped_signatures(self):
        files = self.bundle()
        text = self.log.checkpoint_text()
        for bare in (text, text + b"\n"):
            stripped = dict(files, **{"proofs/checkpoint": bare})
            self.refused(mb.resign(stripped, self.log), "proofs/checkpoint: .*signature")
        text = files["manifest.note"].split(b"\n\n")[0] + b"\n"
        for bare in (text, text + b"\n"):
            self.refused(dict(files, **{"manifest.note": bare}), "manifest.note: .*signature")

    def test_signed_again_with_another_key_by_a_forger_of_everything(self):
        clone = mb.sample("another seed")
        self.forged(mb.bundle(clone), "not signed by a log key you trust")
        both = self.trust.replace(b"quorum none", b"log %s\nquorum none" % clone.checkpoint_key.vkey.encode())
        self.accepted(mb.bundle(clone), trust=both)

    def test_signed_by_the_true_log_over_a_tree_that_names_other_keys(self):
        log = mb.Log("three")
        log.records[0].leaf["x"]["checkpoint"] = log.signer(log.origin, "other").vkey
        log.add("started", None, "system", {})
        log.rechain()
        self.refused(mb.bundle(log), "not signed by the key that record 0 names", trust=log.trust())
        true = log.checkpoint_key
        log.checkpoint_key = log.signer(log.origin, "other")
        self.forged(mb.bundle(log, witnesses=(true,)), "another checkpoint key",
                    ("log %s\nquorum none\n" % true.vkey).encode())

    def test_wrong_keys_for_each_note(self):
        files = self.bundle(before=4)
        other = mb.Signer(self.log.origin + "/manifest", b"other")
        text = files["manifest.note"].split(b"\n\n")[0] + b"\n"
        self.refused(dict(files, **{"manifest.note": mb.note(text, other)}), "manifest.note: is not signed")
        self.refused(dict(files, **{"manifest.note": mb.note(text, self.log.checkpoint_key)}), "manifest.note")
        self.refused(dict(files, **{"manifest.note": mb.note(text, self.log.receipt_key)}), "manifest.note")
        for path, size in (("proofs/checkpoint", None), ("proofs/before", 4)):
            wrong = mb.note(self.log.checkpoint_text(size), mb.Signer(self.log.origin, b"other"))
            self.refused(self.edited(path, lambda _: wrong, files), path + ": is not signed")

    def test_a_statement_for_another_purpose_or_log(self):
        files = self.bundle()
        digest = mb.sha(files["manifest.json"])
        for text in ("tidewaiter/receipt/v1\n%s\n%s\n" % (self.log.origin, digest),
                     "tidewaiter/manifest/v1\n%sx\n%s\n" % (self.log.origin, digest),
                     "tidewaiter/manifest/v1\n%s\n%s\nmore\n" % (self.log.origin, digest),
                     "tidewaiter/manifest/v1\n%s\n%s\n" % (self.log.origin, digest.upper()),
                     "tidewaiter/manifest/v1\n%s\n%s\n" % (self.log.origin, "0" * 64)):
            note = mb.note(text.encode(), self.log.manifest_key)
            self.refused(dict(files, **{"manifest.note": note}), "manifest.note: is not about this")

    def test_malformed_checkpoints(self):
        text, key = self.log.checkpoint_text(), self.log.checkpoint_key
        origin, size, root = text.decode().split("\n")[:3]
        good = mb.note(text, key)
        dash = "\u2014 ".encode()
        cases = {
            "crlf": good.replace(b"\n", b"\r\n"),
            "one cr": good.replace(b"\n", b"\r\n", 1),
            "leading zero": mb.note(text.replace(b"\n14\n", b"\n014\n"), key),
            "plus sign": mb.note(text.replace(b"\n14\n", b"\n+14\n"), key),
            "space": mb.note(text.replace(b"\n14\n", b"\n14 \n"), key),
            "huge size": mb.note(text.replace(b"\n14\n", b"\n9223372036854775808\n"), key),
            "endless size": mb.note(text.replace(b"\n14\n", b"\n" + b"9" * 5000 + b"\n"), key),
            "extension": mb.note(text + b"extra\n", key),
            "no origin": mb.note(("\n%s\n%s\n" % (size, root)).encode(), key),
            "two lines": mb.note(("%s\n%s\n" % (origin, size)).encode(), key),
            "root unpadded": mb.note(text.replace(b"=\n", b"\n"), key),
            "root url alphabet": mb.note(("%s\n%s\n%s\n" % (origin, size, "-_" + root[2:])).encode(), key),
            "root trailing bits": mb.note(("%s\n%s\n%s\n" % (origin, size, root[:42] + "B=")).encode(), key),
            "root short": mb.note(("%s\n%s\n%s\n" % (origin, size, mb.b64(b"x" * 31))).encode(), key),
            "empty tree": mb.note(("%s\n0\n%s\n" % (origin, root)).encode(), key),
            "no blank line": text + key.line(text),
            "no last line feed": good[:-1],
            "two blank lines": text + b"\n\n" + key.line(text),
            "text after": good + b"more\n",
            "blank line after": good + b"\n",
            "hyphen for dash": good.replace(dash, b"- "),
            "tab": good.replace(dash, b"\xe2\x80\x94\t"),
            "two spaces": good.replace(dash, dash + b" "),
            "not utf-8": good.replace(dash, b"\xff "),
            "nul": good.replace(b"\n\n", b"\x00\n\n"),
            "byte order mark": b"\xef\xbb\xbf" + good,
            "signature twice": good + key.line(text),
            "seventeen": good + b"".join(mb.Signer("w%d" % n, b"w").line(text) for n in range(16)),
            "id only": good + dash + b"w " + mb.b64(b"abcd").encode() + b"\n",
            "base64 garbage": good + dash + b"w !!!!\n",
            "nameless": good + dash + b" " + mb.b64(b"abcdefgh").encode() + b"\n",
            "plus in name": good + dash + b"a+b " + mb.b64(b"abcdefgh").encode() + b"\n",
            "wide space in name": good + dash + "a\u2003b ".encode() + mb.b64(b"abcdefgh").encode() + b"\n",
            "another origin": mb.note(text.replace(b"exchange", b"exchangf"), key),
            "empty": b"",
            "very long": good + b"x" * 2_000_000,
        }
        for name, data in cases.items():
            with self.subTest(name):
                files = dict(self.bundle(), **{"proofs/checkpoint": data})
                self.refused(mb.resign(files, self.log), "^proofs/checkpoint")
                if name not in ("another origin", "byte order mark"):
                    with self.assertRaises(v.Usage):
                        judge(self.folder, None, data)

    def test_a_signature_in_another_encoding(self):
        text, key = self.log.checkpoint_text(), self.log.checkpoint_key
        signature = key.sign(text)
        s = int.from_bytes(signature[32:], "little") + v.ORDER
        raised = signature[:32] + s.to_bytes(32, "little")
        for bad in (raised, bytes(64), signature[:63], signature + b"\x00", signature[32:] + signature[:32]):
            line = ("\u2014 %s %s\n" % (key.name, mb.b64(key.id + bad))).encode()
            files = dict(self.bundle(), **{"proofs/checkpoint": text + b"\n" + line})
            self.refused(mb.resign(files, self.log), "wrong signature")


def weak_keys():
    """Every encoding of a point of small order, and every one that is not the canonical."""
    label = 0
    points = set()
    while len(points) < 8:
        label += 1
        point = v.point_decode(hashlib.sha256(b"%d" % label).digest())
        if point is not None:
            points.add(v.point_encode(v.multiply_two(v.ORDER, point, 0, v.NEUTRAL)))
    signs = [(sign << 255 | y).to_bytes(32, "little") for sign in (0, 1) for y in [1] + list(range(v.P - 1, 1 << 255))]
    return sorted(points | set(signs))


WEAK = weak_keys()


class Trust(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.w = [mb.Signer("witness%d.example" % n, b"w%d" % n, v.COSIGNATURE_V1) for n in range(4)]

    def policy(self, tail):
        lines = ["log " + self.log.checkpoint_key.vkey]
        lines += ["witness W%d %s https://w.example" % (n, w.vkey) for n, w in enumerate(self.w)]
        return ("\n".join(lines + tail) + "\n").encode()

    def test_quorums(self):
        two = self.bundle(witnesses=self.w[:2])
        for tail in (["quorum W0"], ["group g any W3 W1", "quorum g"], ["group g 2 W0 W1 W2", "quorum g"],
                     ["group g all W0 W1", "quorum g"], ["quorum none"], ["  # remark", "", "quorum\tW1 "],
                     ["group a 1 W0 W2", "group b any W1 W3", "group c all a b", "quorum c"]):
            with self.subTest(tail):
                self.accepted(two, trust=self.policy(tail))
        for tail in (["quorum W2"], ["group g any W2 W3", "quorum g"], ["group g 3 W0 W1 W2", "quorum g"],
                     ["group g all W0 W1 W2", "quorum g"],
                     ["group a all W0 W2", "group b any W1 W3", "group c all a b", "quorum c"]):
            with self.subTest(tail):
                self.forged(two, "quorum", self.policy(tail))

    def test_wrong_cosignatures(self):
        text, w = self.log.checkpoint_text(), self.w[0]
        plain = w.sign(text)
        late = struct.pack(">Q", 1 << 63) + w.sign(b"cosignature/v1\ntime %d\n" % (1 << 63) + text)
        moved = struct.pack(">Q", 7) + w.sign(b"cosignature/v1\ntime 8\n" + text)
        for bad in (plain, bytes(8) + plain, late, moved, bytes(72)):
            line = ("\u2014 %s %s\n" % (w.name, mb.b64(w.id + bad))).encode()
            files = self.edited("proofs/checkpoint", lambda data: data + line)
            self.forged(files, "wrong signature", self.policy(["quorum W0"]))
            self.forged(files, "wrong signature", self.policy(["quorum none"]))

    def test_a_cosignature_over_another_tree(self):
        line = self.w[0].line(self.log.checkpoint_text(9))
        self.forged(self.edited("proofs/checkpoint", lambda data: data + line), "wrong", self.policy(["quorum W0"]))

    def test_the_witness_key_does_not_sign_as_a_log(self):
        key = mb.Signer(self.w[0].name, b"w0")
        self.assertEqual(key.public, self.w[0].public)
        self.forged(self.bundle(witnesses=(key,)), "quorum", self.policy(["quorum W0"]))

    def test_a_trust_file_for_another_log(self):
        other = mb.Log("one", "ledger.example/other")
        self.forged(self.bundle(), "does not name this log", other.trust())
        self.forged(self.bundle(), "does not name this log", b"quorum none\n")

    def test_malformed_trust_files(self):
        log, w = self.log.checkpoint_key.vkey, self.w[0].vkey
        name, number, key = log.split("+", 2)
        cases = [
            "", "log %s\n" % log, "log %s\r\nquorum none\r\n" % log,
            "log %s\nquorum none\nquorum none\n" % log, "log\nquorum none\n", "log %s a b\nquorum none\n" % log,
            "log %s\nlog %s\nquorum none\n" % (log, log), "witness a %s\nwitness b %s\nquorum a\n" % (w, w),
            "log %s\nquorum a\n" % log, "quorum a\nwitness a %s\n" % w, "witness none %s\nquorum none\n" % w,
            "witness a %s\nwitness a %s\nquorum a\n" % (w, self.w[1].vkey),
            "witness a %s\ngroup a any a\nquorum a\n" % w, "witness a %s\ngroup g any\nquorum g\n" % w,
            "witness a %s\ngroup g 0 a\nquorum g\n" % w, "witness a %s\ngroup g 2 a\nquorum g\n" % w,
            "witness a %s\ngroup g 01 a\nquorum g\n" % w, "witness a %s\ngroup g most a\nquorum g\n" % w,
            "witness a %s\ngroup g 1 a a\nquorum g\n" % w, "witness a %s\ngroup g any none\nquorum g\n" % w,
            "witness a %s\ngroup g any a\ngroup h any a\nquorum g\n" % w, "group g any g\nquorum g\n",
            "witness a %s\nquorum a # why\n" % w, "LOG %s\nquorum none\n" % log, "nonsense\nquorum none\n",
            "log %s\nquorum none\n" % w, "witness a %s\nquorum a\n" % log, "log x\nquorum none\n",
            "log %s+%s+%s\nquorum none\n" % (name, "00000000", key),
            "log %s+%s+%s\nquorum none\n" % (name, number.upper() if number.upper() != number else "x", key),
            "log %s+%s+%s\nquorum none\n" % (name, number, key[:-4]),
            "log %s\u00a0\nquorum none\n" % log, "log %s\x0b\nquorum none\n" % log,
            "witness x %s\nlog %s\nquorum x\n" % (mb.Signer("w", b"k", 4).vkey, mb.Signer("l", b"k").vkey),
        ]
        cases += ["".join("witness w%d %s\n" % (n, mb.Signer("w", b"%d" % n, 4).vkey) for n in range(300))
                  + "quorum none\n"]
        cases += ["log %s\nquorum none\n" % self.vkey(name, key) for key in WEAK]
        cases += ["witness a %s\nquorum a\n" % self.vkey("a", key, v.COSIGNATURE_V1) for key in WEAK]
        cases += ["".join("log %s\n" % mb.Signer("l", b"%d" % n).vkey for n in range(257)) + "quorum none\n",
                  "log %s\n" % log + "# \n" * 400_000 + "quorum none\n"]
        mb.write(self.bundle(), self.folder)
        for text in cases:
            with self.subTest(text[:60]), self.assertRaises(v.Usage):
                judge(self.folder, text.encode())
            count("trust files refused")
        with self.assertRaises(v.Usage):
            judge(self.folder, b"log \xff+aa+bb\nquorum none\n")
        with self.assertRaises(v.Usage):
            judge(self.folder, b"# \xff\n" + self.trust)

    @staticmethod
    def vkey(name, key, kind=v.ED25519):
        data = bytes([kind]) + key
        number = hashlib.sha256(name.encode() + b"\n" + data).hexdigest()[:8]
        return "%s+%s+%s" % (name, number, mb.b64(data))

    def test_trust_files_that_are_good(self):
        self.assertEqual(len(WEAK), 8 + 2 * 21 - 2)
        no_point = next(bytes([n]) + bytes(31) for n in range(2, 99) if v.point_decode(bytes([n]) + bytes(31)) is None)
        for text in (self.trust[:-1], b"\n\n" + self.trust + b" \t", "# \u00fc\n".encode() + self.trust,
                     b"log %s\n" % self.vkey(self.log.origin, no_point).encode() + self.trust,
                     b"log %s https://ledger.example/\n\tquorum  none" % self.log.checkpoint_key.vkey.encode()):
            self.accepted(self.bundle(), trust=text)
        self.forged(self.bundle(), "", b"log %s\nquorum none" % self.vkey(self.log.origin, no_point).encode())
        most = "".join("witness w%d %s\n" % (n, mb.Signer("w", b"%d" % n, 4).vkey) for n in range(256))
        self.accepted(self.bundle(), trust=most.encode() + b"group g any w0\n" + self.trust)

    def test_two_logs_in_one_trust_file(self):
        other = mb.Log("two", "ledger.example/other")
        self.accepted(self.bundle(), trust=b"log %s\n" % other.checkpoint_key.vkey.encode() + self.trust)


class Head(Case):
    def status(self, files, head, trust=NotImplemented):
        return self.check(files, trust, head=head)["exit"]

    def test_heads(self):
        full, fork = self.bundle(), mb.sample("fork")
        fork.origin = self.log.origin
        for size in range(1, 15):
            self.assertEqual(self.status(full, self.log.checkpoint(size)), 0)
            self.assertEqual(self.status(full, self.log.checkpoint(size), None), 12)
            self.assertEqual(self.status(full, fork.checkpoint(size)), 11)
            self.assertEqual(self.status(full, fork.checkpoint(size), None), 11)
        empty = mb.note(("%s\n0\n%s\n" % (self.log.origin, mb.b64(v.EMPTY_ROOT))).encode(), self.log.checkpoint_key)
        self.assertEqual(self.status(full, empty), 0)

    def test_cut_entries_still_give_the_root(self):
        files = self.bundle(scope=(0, 9), cut=(2, 3), withheld=(4,))
        self.assertEqual(self.status(files, self.log.checkpoint(9)), 0)
        self.assertEqual(self.status(files, self.log.checkpoint(10)), 12)

    def test_heads_through_the_consistency_proof(self):
        files, fork = self.bundle(scope=(6, 9), before=5), mb.sample("fork")
        self.assertEqual(self.status(files, self.log.checkpoint(5)), 0)
        self.assertEqual(self.status(files, fork.checkpoint(5)), 11)
        self.assertEqual(self.status(files, self.log.checkpoint(4)), 12)
        self.assertEqual(self.status(files, self.log.checkpoint(1)), 0)

    def test_heads_that_cannot_be_compared(self):
        older = self.bundle(size=9)
        self.assertEqual(self.status(older, self.log.checkpoint(14)), 12)
        other = mb.sample("one", "ledger.example/other")
        self.assertEqual(self.status(self.bundle(), other.checkpoint()), 12)
        for origin in ("Some Log", "\u00fc+\u2028", "a" * 5000):
            text = "%s\n3\n%s\n" % (origin, mb.b64(b"x" * 32))
            foreign = mb.note(text.encode(), self.log.checkpoint_key)
            self.assertEqual(self.status(self.bundle(), foreign), 12)

    def test_invalid_comes_before_diverged(self):
        files = dict(self.bundle(), extra=b"")
        self.assertEqual(self.status(files, mb.sample("fork").checkpoint()), 10)


class Layout(Case):
    def test_files_that_do_not_belong(self):
        for path in ("extra.txt", "bodies/00.bin", "bodies/99.bin", "bodies/1.BIN", "views/other.html", "Manifest.json",
                     "policies/%s/x.toml" % mb.POLICY.upper(), ".hidden",
                     "policies/x.toml", "policies/%s" % ("ab" * 32), "policies/%s/x" % ("ab" * 31),
                     "bodies/9223372036854775808.bin", "proofs/nodes.bak", "keys.age"):
            with self.subTest(path):
                self.refused(dict(self.bundle(), **{path: b"x"}), "in the bundle and not in its manifest")
                self.refused(mb.resign(dict(self.bundle(), **{path: b"x"}), self.log), re.escape(path))

    def test_names_no_bundle_may_have(self):
        for path in ("a b", "naïve", "new\nline", "\x1b[2J", "back\\slash", "..."):
            with self.subTest(path):
                self.refused(dict(self.bundle(), **{path: b"x"}))
        mb.write(self.bundle(), self.folder)
        with open(os.path.join(os.fsencode(self.folder), b"\xff\xfe"), "wb"):
            pass
        self.assertEqual(self.verify()["exit"], 10)

    def test_links_and_special_files(self):
        files = self.bundle()
        outside = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, outside, True)
        mb.write(files, outside)

        def link(path):
            os.remove(os.path.join(self.folder, path))
            os.symlink(os.path.join(outside, path), os.path.join(self.folder, path))

        def folder(path):
            shutil.rmtree(os.path.join(self.folder, path))
            os.symlink(os.path.join(outside, path), os.path.join(self.folder, path))

        def dangling(path):
            os.symlink("nowhere", os.path.join(self.folder, path))

        def loop(path):
            os.symlink(".", os.path.join(self.folder, path))

        def pipe(path):
            os.mkfifo(os.path.join(self.folder, path))

        def piped(path):
            os.remove(os.path.join(self.folder, path))
            os.mkfifo(os.path.join(self.folder, path))

        def empty(path):
            os.mkdir(os.path.join(self.folder, path))

        for act, path in ((link, "README.txt"), (link, "manifest.json"), (link, "entries.jsonl"), (folder, "bodies"),
                          (folder, "proofs"), (dangling, "x"), (loop, "y"), (pipe, "z"), (piped, "manifest.note"),
                          (empty, "empty"), (empty, "policies/" + "cd" * 32)):
            with self.subTest(act=act.__name__, path=path):
                shutil.rmtree(self.folder)
                os.mkdir(self.folder)
                mb.write(files, self.folder)
                act(path)
                outcome = self.verify()
                self.assertEqual(outcome["exit"], 10)
                self.assertTrue(any(re.search("link|special|folder", text) for text in outcome["findings"]), outcome)
                count("doctored bundles refused")

    def test_deep_folders(self):
        mb.write(self.bundle(), self.folder)
        os.makedirs(os.path.join(self.folder, *("d" * 200)))
        self.assertEqual(self.verify()["exit"], 10)
        self.refused(dict(self.bundle(), **{"policies/%s/a/b/x.toml" % mb.POLICY: b"x"}), "a folder that no bundle has")

    def test_unreadable_files(self):
        if os.geteuid() == 0:
            self.skipTest("root reads everything")
        mb.write(self.bundle(), self.folder)
        os.chmod(os.path.join(self.folder, "entries.jsonl"), 0)
        self.assertEqual(self.verify()["exit"], 10)

    def test_paths_in_the_manifest(self):
        facts = {"sha256": mb.sha(b""), "size": "0"}
        for path in ("../up", "a/../b", "/etc/passwd", "./README.txt", "a//b", "a/", "", "a\\b", "a/b/c/d/e", "..",
                     "C:", "nul\x00", "ü", "bodies/..", "bodies/%2e%2e"):
            with self.subTest(path):
                self.refused(self.manifest(lambda m: m["files"].__setitem__(path, facts)), "a path that a bundle")

    def test_files_missing_from_the_manifest_or_only_there(self):
        self.refused(self.manifest(lambda m: m["files"].pop("README.txt")), "README.txt: is in the bundle and not")
        self.refused(self.manifest(lambda m: m["files"].__setitem__(
            "views/index.html", {"sha256": mb.sha(b""), "size": "0"})), "views/index.html: is missing")
        for name in ("manifest.json", "manifest.note"):
            self.refused(self.manifest(lambda m: m["files"].__setitem__(
                name, {"sha256": mb.sha(b""), "size": "0"})), "among its files")
        for path in sorted(v.FIXED - {"manifest.json", "manifest.note"}):
            files = self.bundle()
            del files[path]
            self.refused(mb.resign(files, self.log), re.escape(path))

    def test_keys_and_what_the_manifest_says_of_them(self):
        for said in ("none", "age"):
            self.refused(self.manifest(lambda m: m.__setitem__("keys", said)), "keys.jsonl")
        for said in ("clear", "age"):
            self.refused(self.manifest(lambda m: m.__setitem__("keys", said), keys="none"), "keys")
        for change in (lambda d: b"x" + d, lambda d: b"", lambda d: d[:10], lambda d: b"\n" + d,
                       swap(b"/v1", b"/v2")):
            self.refused(self.edited("keys.age", change, keys="age"), "keys.age: is not")
        armored = b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n"
        self.accepted(self.edited("keys.age", lambda _: armored, keys="age"))

    def policies(self, files, version=None):
        """A bundle with one more policy, under its own hash or another."""
        version = version or mb.policy_version(files)
        added = {"policies/%s/%s" % (version, name): data for name, data in files.items()}
        return mb.resign(dict(self.bundle(), **added), self.log)

    def test_policy_files(self):
        files = {"policy.csv": b"p\r\n", "catalog/core.toml": b"", "catalog/a.jsonl": b"{", "a.json": b"1 1",
                 "catalog.toml": b"#", "..." : b"\x00", "a/manifest.json": b"x"}
        self.accepted(self.policies(files))
        self.accepted(self.policies({"entries.jsonl": b""}))
        for change in ({"policy.csv": b"p\n"}, {"catalog/core.toml": b"\n"}, {"catalog/new.toml": b""}):
            self.refused(self.policies({**files, **change}, mb.policy_version(files)), "are not those of this policy")
        del files["a.json"]
        self.refused(self.policies(files, "0" * 64), "are not those of this policy")
        moved = {"core.toml": b"x", "b": b""}
        self.refused(self.policies({"catalog/core.toml": b"x", "b": b""}, mb.policy_version(moved)), "not those of")
        self.refused(self.policies({"a/./b": b""}), "not a file that a bundle may hold|names a path")

    def test_before_without_consistency(self):
        for path in v.PAIR:
            files = self.bundle(before=3)
            del files[path]
            self.refused(mb.resign(files, self.log), "one is there without the other")


class Json(Case):
    def test_manifest_json(self):
        good = self.bundle()["manifest.json"].decode()
        cases = {
            "twice": good.replace('{"approved_by"', '{"keys": "none", "approved_by"', 1),
            "twice inside": good.replace('"counts": {', '"counts": {"cut": "0", ', 1),
            "file twice": good.replace('"files": {', '"files": {"README.txt": {"sha256": "x", "size": "1"}, ', 1),
            "escaped twice": good.replace('{"approved_by"', '{"\\u006beys": "none", "approved_by"', 1),
            "unknown": good.replace("{", '{"also": "x", ', 1),
            "unknown inside": good.replace('"tree": {', '"tree": {"also": "x", ', 1),
            "number": good.replace('"size": "14"', '"size": 14'),
            "float": good.replace('"cut": "0"', '"cut": 0.0'),
            "nan": good.replace('"cut": "0"', '"cut": NaN'),
            "null": good.replace('"purpose": "supervision"', '"purpose": null'),
            "bool": good.replace('"purpose": "supervision"', '"purpose": true'),
            "array": good.replace('"purpose": "supervision"', '"purpose": ["supervision"]'),
            "leading zero": good.replace('"size": "14"', '"size": "014"'),
            "sign": good.replace('"size": "14"', '"size": "+14"'),
            "other digits": good.replace('"size": "14"', '"size": "\u0661\u0664"'),
            "line feed in dec": good.replace('"size": "14"', '"size": "14\\n"'),
            "too big": good.replace('"size": "14"', '"size": "9223372036854775808"'),
            "capital hex": good.replace('"nonce": "0123456789abcdef', '"nonce": "0123456789ABCDEF'),
            "date": good.replace('"created": "2026-11-22T', '"created": "2026-02-30T'),
            "leap second": good.replace("T11:00:00.000000Z", "T11:00:60.000000Z"),
            "format": good.replace("tw-bundle/1", "tw-bundle/2"),
            "keys": good.replace('"keys": "clear"', '"keys": "plain"'),
            "scope": good.replace('"kind": "range"', '"kind": "all"'),
            "scope without to": good.replace(', "to": "14"', ""),
            "scope with of": good.replace('"kind": "range"', '"kind": "range", "of": "x"'),
            "scope beyond the tree": good.replace('"to": "14"', '"to": "15"'),
            "scope backwards": good.replace('"from": "0"', '"from": "15"'),
            "lone surrogate": good.replace("supervision", "\\ud800"),
            "raw control": good.replace("supervision", "a\tb"),
            "comment": good + "// x",
            "two values": good + good,
            "trailing comma": good[:-1] + ",}",
            "single quotes": good.replace('"', "'"),
            "array outside": "[" + good + "]",
            "string": '"manifest"', "number alone": "1", "empty": "", "white": " \n", "open": "{",
            "deep": "[" * 200000, "deep object": '{"a":' * 200000,
            "long number": '{"a": ' + "9" * 10000 + "}",
        }
        files = self.bundle()
        for name, text in cases.items():
            with self.subTest(name):
                self.assertNotEqual(text, good)
                changed = mb.sign_manifest(dict(files, **{"manifest.json": text.encode("utf-8", "surrogatepass")}),
                                           self.log)
                self.refused(changed, "^manifest.json")
        for name, data in (("bom", b"\xef\xbb\xbf" + good.encode()), ("utf-16", good.encode("utf-16")),
                           ("latin-1", good.replace("supervision", "a\u00fc").encode("latin-1")),
                           ("surrogate", good.encode().replace(b"supervision", b"\xed\xa0\x80"))):
            with self.subTest(name):
                self.refused(mb.sign_manifest(dict(files, **{"manifest.json": data}), self.log), "^manifest.json")
        for member in json.loads(good):
            with self.subTest(member):
                self.refused(self.manifest(lambda m: m.pop(member)), "^manifest.json: lacks")
        for path in ("README.txt", "proofs/nodes"):
            self.refused(self.manifest(lambda m: m["files"][path].pop("size")), "lacks")
            self.refused(self.manifest(lambda m: m["files"].__setitem__(path, "x")), "not an object")

    def test_jsonl_files(self):
        options = {"cut": (2, 3), "bare": (4,), "redacted": (6,)}
        for path in sorted(v.LINE_RULES):
            good = self.bundle(**options)[path]
            cases = {
                "twice": good.replace(b'{"', b'{"seq": "4", "seq": "4", "', 1),
                "unknown": good.replace(b'{"', b'{"also": "x", "', 1),
                "crlf": good.replace(b"\n", b"\r\n", 1), "cr": good.replace(b"\n", b"\r", 1),
                "blank line": good + b"\n", "blank first": b"\n" + good, "no end": good[:-1],
                "bom": b"\xef\xbb\xbf" + good, "array": good + b"[]\n", "null": good + b"null\n",
                "number": good + b"1\n", "not utf-8": good.replace(b'": "', b'": "\xff', 1),
                "deep": good + b"[" * 100000 + b"\n", "long": good + b'{"a": "' + b"x" * (1 << 21) + b'"}\n',
                "value is a number": re.sub(rb'": "([^"]*)"', rb'": 1', good, count=1),
                "member gone": re.sub(rb'"[a-z]+": "[^"]*", ', b"", good, count=1),
            }
            if b'"seq"' in good:
                cases["same seq"] = good + good.split(b"\n")[0] + b"\n"
                cases["leading zero"] = good.replace(b'"seq": "', b'"seq": "0', 1)
            for name, data in cases.items():
                with self.subTest(path=path, case=name):
                    self.refused(self.edited(path, lambda _: data, **options), re.escape(path))


class Leaves(Case):
    def leaf(self, finding=None, at=4, **members):
        """A log whose record `at` has these members, everything after it chained again."""
        log = mb.sample()
        for name, value in members.items():
            name = {"klass": "class"}.get(name, name)
            if value is mb.NONE:
                del log.records[at].leaf[name]
            else:
                log.records[at].leaf[name] = value
        for later in range(at + 1, len(log.records)):
            log.records[later].leaf["prev"] = log.records[later - 1].hash.hex()
        return self.refused(mb.bundle(log, keys="none"), finding, trust=log.trust())

    def test_grammar(self):
        long = "a" * 65
        cases = [
            {"agent": ""}, {"agent": "A"}, {"agent": long}, {"agent": "a b"}, {"body": "0" * 63}, {"body": "A" * 64},
            {"body_len": "1000"}, {"body_len": "512"}, {"body_len": "2097152"}, {"body_len": "01024"},
            {"klass": "1x"}, {"klass": "a" * 33}, {"klass": ""}, {"decision": "maybe"}, {"decision": ""},
            {"kc": "0" * 65}, {"kind": "other"}, {"kind": ""}, {"log": "Ledger"}, {"log": "/x"}, {"log": "a" * 129},
            {"n": "0"}, {"n": "01"}, {"n": "-1"}, {"n": ""}, {"n": "9223372036854775808"}, {"operation": "a..b"},
            {"operation": ".a"}, {"operation": "a."}, {"operation": "a.1"}, {"operation": long}, {"operation": ""},
            {"period": "2026-13"}, {"period": "2026-00"}, {"period": "2026-12"}, {"period": "26-11"},
            {"period": "1969-12"}, {"policy": ""}, {"policy": "g" * 64}, {"purpose": "A"}, {"purpose": ""},
            {"request": "0" * 31}, {"request": ""}, {"retain_until": "2026-02-29"}, {"retain_until": "2026-2-1"},
            {"retain_until": "2100-02-29"}, {"retain_until": ""}, {"rid": "0" * 33}, {"rid": "F" * 32}, {"seq": "04"},
            {"seq": "4 "}, {"tag": ""}, {"time": "2026-11-22T10:00:04Z"}, {"time": "2026-11-22T10:00:04.000000+00:00"},
            {"time": "2026-11-22T24:00:00.000000Z"}, {"time": "2026-11-22T10:60:00.000000Z"},
            {"time": "2026-11-22T10:00:60.000000Z"}, {"time": "2026-11-31T10:00:00.000000Z"},
            {"time": "1969-11-22T10:00:00.000000Z"}, {"time": "2026-11-22 10:00:04.000000Z"}, {"v": "tw/2"}, {"v": ""},
            {"writer": ""}, {"writer": "a b"}, {"writer": long}, {"x": {}}, {"x": {"A": "1"}}, {"x": {"1": "1"}},
            {"x": {"a": "b" * 1025}}, {"x": {"a" * 33: "1"}}, {"x": {"": "1"}}, {"other": "1"}, {"prev": "0" * 63},
        ]
        for members in cases:
            with self.subTest(members):
                self.leaf("line 5", **members)
        for name in sorted(v.REQUIRED):
            with self.subTest(name):
                self.leaf("lacks `%s`" % name, **{"klass" if name == "class" else name: mb.NONE})

    def test_limits_that_are_allowed(self):
        log = mb.Log("limits")
        log.add("lookup", "s", "a" * 32, {}, agent="a-_9" * 16, operation="a" * 64, purpose="a.b_c.d9",
                x={"a" * 32: "~ !#[]^" + "b" * 1017, "b": ""}, writer="A.b/c-d_e+9" + "x" * 53,
                time="2028-02-29T23:59:59.999999Z", period="1970-01", retain_until="9999-12-31")
        for record in log.records:
            self.assertEqual(v.parse_line(record.line), record.leaf)
        self.accepted(mb.bundle(log), trust=log.trust())

    def test_how_a_line_is_written(self):
        cases = {
            "space": swap(b'","', b'", "'), "space after colon": swap(b'":"', b'": "'),
            "end": lambda line: line + b" ", "start": lambda line: b" " + line, "cr": lambda line: line + b"\r",
            "tab": swap(b'"agent-1"', b'"agent\t1"'), "order": lambda line: line.replace(b'"v":"tw/1",', b"").replace(
                b"{", b'{"v":"tw/1",', 1), "twice": swap(b'"v":"tw/1"', b'"v":"tw/1","v":"tw/1"'),
            "escape": swap(b"agent-1", b"agent\\u002d1"), "slash": swap(b"tw/1", b"tw\\/1"),
            "utf-8": swap(b"agent-1", "agent-ü".encode()), "high byte": swap(b"agent-1", b"agent-\xff"),
            "nul": swap(b"agent-1", b"agent-\x00"), "del": swap(b"agent-1", b"agent-\x7f"),
            "number": swap(b'"seq":"4"', b'"seq":4'), "null": swap(b'"agent":"agent-1"', b'"agent":null'),
            "array": swap(b'"agent":"agent-1"', b'"agent":["agent-1"]'),
            "object": swap(b'"agent":"agent-1"', b'"agent":{"a":"1"}'), "more": lambda line: line + b"{}",
            "open": lambda line: line[:-1], "comma": lambda line: line[:-1] + b",}", "empty": lambda line: b"",
            "empty object": lambda line: b"{}", "x string": lambda line: line[:-1] + b',"x":"1"}',
            "x deep": lambda line: line[:-1] + b',"x":{"a":{"b":"c"}}}', "x twice": lambda line: line[:-1]
            + b',"x":{"a":"1","a":"2"}}', "x order": lambda line: line[:-1] + b',"x":{"b":"1","a":"2"}}',
            "single quotes": swap(b'"', b"'", 99), "too long": lambda line: line[:-1] + b',"x":{%s}}' % b",".join(
                b'"a%03d":"%s"' % (n, b"y" * 1000) for n in range(70)),
            "unknown": lambda line: line[:-1] + b',"z":"1"}', "member x in x": lambda line: line[:-1]
            + b',"x":{"x":{"a":"1"}}}',
        }
        for name, change in cases.items():
            with self.subTest(name):
                self.refused(self.edited("entries.jsonl", line_of(4, change)), "^entries.jsonl line 5")
        self.refused(self.edited("entries.jsonl", lambda d: d.replace(b"\n", b"\r\n")), "entries.jsonl line 1")
        self.refused(self.edited("entries.jsonl", lambda d: d + b"\n"), "entries.jsonl")
        self.refused(self.edited("entries.jsonl", lambda d: d[:-1]), "line feed")
        self.refused(self.edited("entries.jsonl", lambda d: b""), "record 0: is not there")

    def test_rules_between_members(self):
        for name, value in (("agent", "a"), ("decision", "allow"), ("operation", "a"), ("policy", "0" * 64),
                            ("purpose", "a"), ("request", "0" * 32), ("x", {"a": "1"})):
            self.leaf("duty", at=8, **{name: value})
            log = mb.Log("duties")
            log.add("duty", "m", "duty", {}, **{name: value})
            self.refused(mb.bundle(log), "of kind duty", trust=log.trust())

    def test_the_first_record(self):
        log = mb.Log("first")
        for change in ({"kind": "started"}, {"prev": "1" * 64}):
            self.leaf("is the first", at=0, **change)
        self.leaf("three keys", at=0, x=mb.NONE)
        keys = log.records[0].leaf["x"]
        other = mb.Signer(log.origin, b"other")
        same = mb.Signer(log.origin + "/receipt", log.bytes("signer", "manifest"))
        for x in ({**keys, "more": "1"}, {k: keys[k] for k in ("checkpoint", "manifest")},
                  {**keys, "checkpoint": mb.Signer(log.origin, b"k", v.COSIGNATURE_V1).vkey},
                  {**keys, "receipt": other.vkey}, {**keys, "manifest": keys["receipt"]},
                  {**keys, "receipt": same.vkey}, {**keys, "receipt": keys["receipt"] + "A"},
                  {**keys, "receipt": keys["receipt"][:-1]}, {**keys, "receipt": "x"},
                  {**keys, "receipt": keys["receipt"].replace("+", "-")},
                  *({**keys, "receipt": Trust.vkey(log.origin + "/receipt", key)} for key in WEAK[::7])):
            log = mb.Log("first")
            log.records[0].leaf["x"] = x
            self.refused(mb.bundle(log), "record 0", trust=log.trust())

    def test_counters_tags_and_names(self):
        def log(**last):
            made = mb.Log("counted")
            for _ in range(3):
                made.add("turn", "s", "chat", {})
            made.add("turn", "s", "chat", {}, **last)
            return made
        self.accepted(mb.bundle(log(n="4")), trust=log().trust())
        for n in ("3", "5", "1", "9223372036854775807"):
            self.refused(mb.bundle(log(n=n)), r"record 4 \(rid .*counter", trust=log().trust())
        one_hidden = log(n="4")
        self.accepted(mb.bundle(one_hidden, cut=(3,)), trust=one_hidden.trust())
        self.accepted(mb.bundle(one_hidden, select=[1, 4]), trust=one_hidden.trust())
        self.accepted(mb.bundle(one_hidden, scope=(3, 5)), trust=one_hidden.trust())
        for options in ({"cut": (3,)}, {"select": [2, 4]}, {"scope": (3, 5)}):
            bad = log(n="6")
            self.refused(mb.bundle(bad, **options), "counter", trust=bad.trust())
        first = mb.Log("started late")
        first.add("turn", "s", "chat", {}, n="2")
        self.refused(mb.bundle(first), "counter", trust=first.trust())
        twin = mb.Log("twins")
        twin.add("turn", "s", "chat", {}, rid=twin.records[0].leaf["rid"])
        self.refused(mb.bundle(twin), "has the rid of record 0", trust=twin.trust())
        mixed = mb.Log("mixed")
        tag = mixed.add("turn", "s", "chat", {}).leaf["tag"]
        mixed.add("turn", "s", "lookup", {}, tag=tag, n="2")
        self.refused(mb.bundle(mixed, keys="none"), "tag of another class", trust=mixed.trust())

    def test_time_and_chain(self):
        self.leaf("older than the record before", time="2026-11-22T10:00:02.000000Z")
        log = mb.sample()
        log.records[5].leaf["prev"] = "0" * 64
        for at in range(6, 14):
            log.records[at].leaf["prev"] = log.records[at - 1].hash.hex()
        self.refused(mb.bundle(log), "record 5 .*`prev`", trust=log.trust())
        log = mb.sample()
        log.records[8].leaf["prev"] = "0" * 64
        for at in range(9, 14):
            log.records[at].leaf["prev"] = log.records[at - 1].hash.hex()
        self.refused(mb.bundle(log, cut=(7,)), "record 8 .*`prev`", trust=log.trust())


class Doctored(Case):
    """Bundles changed by somebody who can sign manifests, and then by somebody who can sign all."""

    def rework(self, change, **options):
        """The leaves changed and chained again, under the old checkpoint of the true log."""
        log = mb.sample()
        change(log)
        log.rechain()
        files = mb.bundle(log, **options)
        files["proofs/checkpoint"] = self.log.checkpoint()
        value = json.loads(files["manifest.json"])
        value["tree"] = {"root": self.log.root().hex(), "size": "14"}
        return mb.resign(files, self.log, value)

    def test_removal_insertion_reorder_with_everything_hashed_again(self):
        def remove(log):
            del log.records[5]

        def insert(log):
            log.add("turn", "x", "chat", {"text": "never said"})
            log.records.insert(5, log.records.pop())

        def insert_and_keep_size(log):
            insert(log)
            log.records.pop()

        def reorder(log):
            log.records[4], log.records[5] = log.records[5], log.records[4]

        def change(log):
            log.records[4].leaf["decision"] = "deny"

        for act in (remove, insert, insert_and_keep_size, reorder, change):
            with self.subTest(act.__name__):
                self.refused(self.rework(act))
                log = mb.sample()
                act(log)
                log.rechain()
                # Signed by the true log as well: a second history. Only a held head can tell.
                files = mb.bundle(log, keys="none")
                outcome = self.check(files, head=self.log.checkpoint())
                self.assertIn(outcome["exit"], (10, 11), outcome)

    def test_removed_line(self):
        def drop(data):
            lines = data.split(b"\n")
            return b"\n".join(lines[:5] + lines[6:])
        files = self.edited("entries.jsonl", drop)
        del files["bodies/5.bin"]
        outcome = self.refused(mb.resign(files, self.log), "record 5: is in the range of the manifest and not")
        self.assertTrue(any("a node of the tree is missing" in text for text in outcome["findings"]))

    def test_swapped_and_repeated_lines(self):
        def exchange(data):
            lines = data.split(b"\n")
            lines[5], lines[6] = lines[6], lines[5]
            return b"\n".join(lines)
        self.refused(self.edited("entries.jsonl", exchange), "line 7, record 5 .*out of order")
        self.refused(self.edited("entries.jsonl", lambda d: d + d.split(b"\n")[13] + b"\n"), "an earlier line has")

    def test_tail_cut_off(self):
        files = self.bundle(scope=(0, 12))
        value = json.loads(files["manifest.json"])
        self.accepted(files)
        value["tree"] = {"root": self.log.root(12).hex(), "size": "12"}
        self.refused(mb.resign(dict(files), self.log, value), "for another tree than the manifest")
        older = self.bundle(size=12)
        self.accepted(older)
        self.assertEqual(self.check(older, head=self.log.checkpoint())["exit"], 12)
        long = json.loads(self.bundle()["manifest.json"])
        self.refused(mb.resign(dict(files), self.log, long), "record 12: is in the range")

    def test_entries_outside_the_scope(self):
        files = self.bundle(scope=(3, 9))
        value = json.loads(files["manifest.json"])
        value["scope"] = {"from": "3", "kind": "range", "to": "8"}
        value["counts"].update(found="5", delivered="5")
        self.refused(mb.resign(files, self.log, value), r"record 8 \(rid .*outside the range")
        value["scope"] = {"from": "3", "kind": "range", "to": "9"}
        self.refused(mb.resign(files, self.log, value), "delivered")

    def test_entries_beyond_the_tree(self):
        files = self.bundle(select=[3, 13])
        small = self.bundle(select=[3], size=9)
        files.update({path: small[path] for path in ("proofs/checkpoint", "proofs/nodes")})
        value = json.loads(files["manifest.json"])
        value["tree"] = json.loads(small["manifest.json"])["tree"]
        self.refused(mb.resign(files, self.log, value), "record 13 .*beyond the signed tree")

    def test_missing_middle_of_a_selection_that_claims_to_be_a_range(self):
        files = self.bundle(select=[3, 4, 6])
        value = json.loads(files["manifest.json"])
        value["scope"] = {"from": "3", "kind": "range", "to": "7"}
        value["counts"].update(found="4", delivered="4")
        self.refused(mb.resign(files, self.log, value), "record 5: is in the range")

    def test_a_record_of_another_log(self):
        log = mb.sample()
        log.records[4].leaf["log"] = "ledger.example/other"
        for at in range(5, 14):
            log.records[at].leaf["prev"] = log.records[at - 1].hash.hex()
        self.refused(mb.bundle(log, keys="none"), "line 5, record 4 .*belongs to another log", trust=log.trust())
        self.refused(self.manifest(lambda m: m.__setitem__("log", "ledger.example/other")), "belongs to another log")

    def test_an_empty_tree(self):
        self.refused(self.manifest(lambda m: (m["tree"].update(size="0", root=v.EMPTY_ROOT.hex()),
                                              m["scope"].update(to="0"))), "empty tree")

    def test_record_0_must_be_whole(self):
        self.refused(self.bundle(cut=(0,)), "record 0: is not there whole")
        files = self.edited("entries.jsonl", lambda d: d.partition(b"\n")[2], select=[3])
        self.refused(files, "record 0: is not there whole")

    def test_counts(self):
        for name in ("cut", "delivered", "withheld"):
            def change(m):
                m["counts"][name] = str(int(m["counts"][name]) + 1)
                m["counts"]["found"] = str(int(m["counts"]["found"]) + 1)
            for options in ({}, {"cut": (4,)}, {"select": [3, 4], "withheld": (4,)}):
                self.refused(self.manifest(change, **options), "says .* %s" % name)
        self.refused(self.manifest(lambda m: m["counts"].__setitem__("found", "13")), "do not add up")

        def move(m):
            m["counts"].update(cut="1", withheld="1")
        self.refused(self.manifest(move, cut=(4, 5)), "says 1 cut")

    def test_dropped_erasure_and_redaction_lines(self):
        options = {"cut": (2, 3), "bare": (4,), "withheld": (5,), "redacted": (6,)}
        last = lambda data: b"".join(data.splitlines(True)[:-1])  # noqa: E731
        first = lambda data: b"".join(data.splitlines(True)[1:])  # noqa: E731
        self.refused(self.edited("erasures.jsonl", first, **options), "record 2: is cut as erased and not named")
        self.refused(self.edited("erasures.jsonl", last, **options), "record 4 .*body is missing")
        self.refused(self.edited("redactions.jsonl", first, **options), "record 5: is cut as withheld and not")
        self.refused(self.edited("redactions.jsonl", last, **options), "record 6 .*body is missing")

    def test_reasons_that_contradict(self):
        line = mb.dump_lines([{"ground": "g", "record": "0" * 32, "seq": "5"}])
        rule = mb.dump_lines([{"reason": "r", "rule": "R", "seq": "5"}])
        self.refused(self.edited("erasures.jsonl", lambda d: d + line), "said to be erased or withheld, and its body is here")
        self.refused(self.edited("redactions.jsonl", lambda d: d + rule), "its body is here")
        self.refused(self.edited("erasures.jsonl", lambda d: d + line, redacted=(5,)), "both as erased and as withheld")
        self.refused(self.edited("erasures.jsonl", lambda d: d + line, scope=(6, 9)), "not in entries.jsonl")
        files = self.edited("entries.jsonl", swap('"reason":"erased"', '"reason":"withheld"'), cut=(5,))
        self.refused(files, "record 5: is cut as withheld and not named")

    def test_what_an_erasure_points_to(self):
        for kind in ("turn", "duty", "erasure.requested"):
            log = mb.sample()
            rid = next(r.leaf["rid"] for r in log.records if r.leaf["kind"] == kind)
            self.refused(mb.bundle(log, cut=(2,), erased_by=rid), "another kind")
        destroyed = mb.Log("destroyed")
        destroyed.add("turn", "s", "chat", {})
        rid = destroyed.add("key.destroyed", None, "system", {}).leaf["rid"]
        self.accepted(mb.bundle(destroyed, cut=(1,), erased_by=rid), trust=destroyed.trust())
        self.refused(self.manifest(lambda m: m.__setitem__("export", self.log.records[4].leaf["rid"])), "its export")

    def test_cut_lines(self):
        cut = {"cut": "ab" * 32, "reason": "erased", "seq": "4"}
        good = v.reprint(cut).encode()
        self.assertIn(b'"cut"', self.bundle(cut=(4,))["entries.jsonl"])
        for change in ({**cut, "reason": "lost"}, {**cut, "reason": ""}, {**cut, "cut": "ab"}, {**cut, "seq": "04"},
                       {**cut, "more": "1"}, {"cut": "ab" * 32, "seq": "4"}, {**cut, "v": "tw/1"}):
            line = v.reprint(change).encode()
            self.refused(self.edited("entries.jsonl", line_of(4, lambda _: line), cut=(4,)), "entries.jsonl line 5")
        self.refused(self.edited("entries.jsonl", line_of(4, lambda _: good), cut=(4,)), "`prev`")
        spaced = good.replace(b",", b", ")
        self.refused(self.edited("entries.jsonl", line_of(4, lambda _: spaced), cut=(4,)), "line 5")

    def test_views_that_contradict(self):
        for change in (swap("allow", "deny"), lambda d: d[:-1], lambda d: d + b"\n", lambda d: b"", swap("seq,", "no,"),
                       lambda d: d.replace(b"\n", b"\r\n"), lambda d: b"".join(d.splitlines(True)[:-1]),
                       lambda d: d + d.splitlines(True)[-1], swap("agent-1", '"agent-1"'),
                       lambda d: b"\xef\xbb\xbf" + d):
            self.refused(self.edited("views/records.csv", change), "views/records.csv")
        outcome = self.refused(self.edited("views/records.csv", swap("allow", "deny")))
        self.assertTrue(any(re.search(r"record 4 \(rid", text) for text in outcome["findings"]), outcome)
        self.refused(self.edited("views/records.csv", lambda _: self.bundle()["views/records.csv"], cut=(4,)))

    def test_nodes(self):
        options = {"scope": (5, 7)}
        good = self.bundle(**options)["proofs/nodes"]
        lines = good.splitlines(True)
        self.assertGreater(len(lines), 2)
        for change in (lambda d: d + lines[0], lambda d: b"".join(lines[1:]), lambda d: b"".join(lines[::-1]),
                       lambda d: b"", lambda d: d[:-1], lambda d: d.replace(b"\n", b"\r\n"),
                       lambda d: d.replace(b" ", b"  ", 1), lambda d: b"0" + d, lambda d: d.replace(b"=\n", b"\n", 1),
                       lambda d: d + b"\n", lambda d: b"\xff" + d,
                       lambda d: d.replace(lines[0], lines[0].replace(b" 1 ", b" 2 ", 1)) if b" 1 " in lines[0] else b"x"):
            self.refused(self.edited("proofs/nodes", change, **options), "proofs/nodes")
        other = mb.bundle(mb.sample("other"), **options)["proofs/nodes"]
        self.refused(self.edited("proofs/nodes", lambda _: other, **options), "do not give the root")
        self.refused(self.edited("proofs/nodes", lambda _: good), "more lines than the tree needs")

    def test_consistency(self):
        options = {"before": 5}
        lines = self.bundle(**options)["proofs/consistency"].splitlines(True)
        for change in (lambda d: b"".join(lines[::-1]), lambda d: b"".join(lines[1:]), lambda d: b"", lambda d: d[:-1],
                       lambda d: d + lines[0], lambda d: d.replace(b"\n", b"\r\n"), lambda d: d.replace(b"=", b"", 1)):
            self.refused(self.edited("proofs/consistency", change, **options), "proofs/consistency")
        fork = mb.sample("fork")
        wrong = mb.note(fork.checkpoint_text(5), self.log.checkpoint_key)
        self.refused(self.edited("proofs/before", lambda _: wrong, **options), "history was rewritten")
        self.refused(self.edited("proofs/before", lambda _: self.log.checkpoint(6), **options), "history was rewritten")
        late = self.bundle(size=9, before=9)
        self.refused(self.edited("proofs/before", lambda _: self.log.checkpoint(10), late), "outside the tree")
        empty = mb.note(("%s\n0\n%s\n" % (self.log.origin, mb.b64(v.EMPTY_ROOT))).encode(), self.log.checkpoint_key)
        self.refused(self.edited("proofs/before", lambda _: empty, **options), "outside the tree")
        other = mb.sample("one", "ledger.example/other").checkpoint(5)
        self.refused(self.edited("proofs/before", lambda _: other, **options), "another log")


class Bodies(Case):
    def test_bodies_exchanged_between_records(self):
        files = self.bundle()
        files["bodies/2.bin"], files["bodies/3.bin"] = files["bodies/3.bin"], files["bodies/2.bin"]
        outcome = self.refused(mb.resign(files, self.log), r"record 2 \(rid .*not the one its leaf names")
        self.assertTrue(any("record 3 (rid" in text for text in outcome["findings"]))

    def test_lengths(self):
        for change in (lambda d: d + b"\x00", lambda d: d[:-1], lambda d: b""):
            self.refused(self.edited("bodies/4.bin", change), "record 4 .*wrong length")
        self.refused(self.edited("bodies/4.bin", lambda d: bytes(3 << 20)), "larger than this verifier reads")

    def test_a_body_for_no_leaf(self):
        for options in ({"cut": (4,)}, {"scope": (5, 7)}):
            files = dict(self.bundle(**options), **{"bodies/4.bin": self.log.records[4].stored})
            self.refused(mb.resign(files, self.log), "bodies/4.bin: belongs to no whole leaf")

    def keys(self, change, **options):
        lines = [json.loads(line) for line in self.bundle(**options)["keys.jsonl"].splitlines()]
        change(lines)
        return self.edited("keys.jsonl", lambda _: mb.dump_lines(lines), **options)

    def test_keys(self):
        def exchange(lines):
            lines[2]["key"], lines[3]["key"] = lines[3]["key"], lines[2]["key"]

        def exchange_both(lines):
            exchange(lines)
            lines[2]["kc"], lines[3]["kc"] = lines[3]["kc"], lines[2]["kc"]

        self.refused(self.keys(exchange), "record 2 .*not the key it was sealed under")
        self.refused(self.keys(exchange_both), "record 3 .*not the key it was sealed under")
        self.refused(self.keys(lambda lines: lines[2].update(kc="0" * 64)), "record 2 .*not the key")
        self.refused(self.keys(lambda lines: lines[2].update(key="AB" * 32)), "keys.jsonl line 3")
        self.refused(self.keys(lambda lines: lines[2].update(seq="99")), "keys.jsonl: has a key for record 99")
        self.refused(self.keys(lambda lines: lines.append({**lines[2], "seq": "4"}), cut=(4,)), "has no body here")

    def test_one_ciphertext_under_two_keys(self):
        """The leaf commits to one key; another one that opens the body is refused by `kc`."""
        log = mb.Log("two keys")
        other = v.hkdf(b"\x07" * 32, b"", b"tw/1 body key\n", 64)
        log.add("turn", "s", "chat", {"text": "what was said"}, seal_with=other[:32])
        files = mb.bundle(log)
        self.refused(files, "record 1 .*does not open", trust=log.trust())
        lines = [json.loads(line) for line in files["keys.jsonl"].splitlines()]
        lines[1]["key"] = "07" * 32
        files["keys.jsonl"] = mb.dump_lines(lines)
        self.refused(mb.resign(files, log), "not the key it was sealed under", trust=log.trust())

    def test_bodies_bound_to_their_leaf(self):
        for name, value in (("kind", "conversation"), ("class", "lookup"), ("rid", "0" * 32), ("tag", "0" * 32)):
            log = mb.Log("bound")
            record = log.add("turn", "s", "chat", {})
            record.leaf[name] = value
            self.refused(mb.bundle(log), "record 1 .*does not open", trust=log.trust())

    def test_padding(self):
        text = b'{"a":"b"}'
        cases = {
            "not zero": mb.pad(text)[:-1] + b"\x01", "not zero at once": mb.pad(text, filler=b" "),
            "bucket too big": mb.pad(text, 2048), "length too long": struct.pack(">I", 1021) + text + bytes(1024 - 4 - len(text)),
            "length huge": b"\xff\xff\xff\xff" + bytes(1020), "length short": struct.pack(">I", 8) + text + bytes(1024 - 4 - len(text)),
            "empty": bytes(1024), "not json": mb.pad(b"{"), "not utf-8": mb.pad(b'"\xff"'), "two": mb.pad(b"{}{}"),
            "twice": mb.pad(b'{"a":1,"a":2}'), "nan": mb.pad(b"NaN"), "surrogate": mb.pad(b'"\\udfff"'),
            "deep": mb.pad(b"[" * 100000), "513": mb.pad(b'{"a":' * 513 + b"1" + b"}" * 513),
            "twice within": mb.pad(b'[[{"a":{"b":1,"\\u0062":2}}]]'), "bom": mb.pad(b"\xef\xbb\xbf{}"),
        }
        for name, plain in cases.items():
            with self.subTest(name):
                log = mb.Log("padded")
                log.add("turn", "s", "chat", None, plaintext=plain)
                self.refused(mb.bundle(log), r"^record 1 \(rid", trust=log.trust())


class AnyJson(Case):
    """Bodies of changed JSON, in one record each. With OTHER the two readers must agree on each."""

    GOOD = (b'{"a": [1, -2.5e+9, 0, true, false, null], "b": {"a": "\\ud83d\\ude00\\n\\"", "": {}}}',
            '[["\u00fc\U0001f600", "\\u00fc"], {"a": {"a": [[[]]]}, "\\u0061b": "\\/\\u0000"}]'.encode(), b'"\\\\"', b"-0.0E-0")
    PIECES = (b'"', b"\\", b"\\ud83d", b"\\ude00", b"\\u0061", b'"a":1,', b"[", b"]", b"{", b"}", b",", b":", b"0", b"-",
              b"1", b".", b"e", b"+", b" ", b"\t", b"\n", b"\r", b"\x0b", b"\x00", b"\x7f", b"\xa0", b"\xc2\xa0", b"\xff", b"null", b"tru",
              b"NaN", b"Infinity", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"'", b"//", b"\xd9\xa1")

    def test_changed_json(self):
        chance, kept = random.Random(int(os.environ.get("SEED", "4"))), 0
        for _ in range(CHANGES // 10):
            text = bytearray(chance.choice(self.GOOD))
            for _ in range(chance.randint(1, 3)):
                at = chance.randrange(len(text) + 1)
                text[at:at + chance.choice((0, 0, 1, 2))] = chance.choice(self.PIECES + (b"",))
            log = mb.Log("any json")
            log.add("turn", "s", "chat", None, plaintext=mb.pad(bytes(text)))
            outcome = self.check(mb.bundle(log), trust=log.trust())
            self.assertIn(outcome["exit"], (0, 10))
            self.assertTrue(all("record 1 (rid" in finding for finding in outcome["findings"]))
            kept += outcome["exit"] == 0
            count("bodies of changed JSON judged")
        self.assertTrue(0 < kept < CHANGES // 10)


class Hostile(Case):
    """Whatever the input, a verdict."""

    def test_garbage_in_every_file_signed_or_not(self):
        chance = random.Random(99)
        base = self.bundle(before=3, cut=(3,), withheld=(5,))
        pieces = [b"", b"\x00", b"\xff" * 50, b"{}", b"[]\n", b"{}\n", b"null", b"\n", b"\n\n", b"1e999", b'"' * 99,
                  b"[" * 50000, "\u2014 ".encode() * 9, b"9" * 5000, b'{"seq":"' + b"9" * 30 + b'"}\n', bytes(70000)]
        for path in sorted(base):
            for piece in pieces + [chance.randbytes(200) for _ in range(3)]:
                for data in (piece, base[path] + piece, piece + base[path]):
                    if data == base[path]:
                        continue
                    files = dict(base, **{path: data})
                    if path not in ("manifest.json", "manifest.note"):
                        files = mb.resign(files, self.log)
                    elif path == "manifest.json":
                        files = mb.sign_manifest(files, self.log)
                    harmless = path in ("README.txt", "verify.py")
                    harmless |= path in ("custody.jsonl", "identities.jsonl", "keys.jsonl") and data == b""
                    white = path == "manifest.json" and data.strip() == base[path].strip()
                    outcome = self.check(files)
                    self.assertEqual(outcome["exit"], 0 if harmless or white else 10, (path, piece[:20], outcome))
                    count("hostile inputs judged")

    def test_spliced_lines(self):
        """Lines and pieces of good files exchanged, doubled, cut: never a crash, never accepted."""
        chance = random.Random(5)
        base = self.bundle(before=3, cut=(3,), withheld=(5,), scope=(2, 13))
        paths = [p for p in sorted(base) if p not in ("README.txt", "verify.py", "manifest.json", "manifest.note")
                 and not p.startswith("policies/")]
        for _ in range(400):
            path = chance.choice(paths)
            data = bytearray(base[path])
            for _ in range(chance.randint(1, 4)):
                at = chance.randrange(len(data) + 1)
                size = chance.randrange(40)
                source = base[chance.choice(paths)]
                start = chance.randrange(len(source))
                data[at:at + chance.randrange(40)] = source[start:start + size]
            # In a signature the splice may fall into what the format calls unknown and ignores;
            # custody and identities hold free text.
            if bytes(data) == base[path] or path in ("custody.jsonl", "identities.jsonl"):
                continue
            files = mb.resign(dict(base, **{path: bytes(data)}), self.log)
            outcome = self.check(files)
            if outcome["exit"] == 0:
                self.assertIn(path, ("erasures.jsonl", "redactions.jsonl"), (path, bytes(data)))
            count("hostile inputs judged")

    def test_findings_repeat_no_contents_and_are_bounded(self):
        files = self.edited("custody.jsonl", lambda d: d + b'{"secret@example.com": "x"}\n' * 500)
        outcome = self.refused(files)
        self.assertLessEqual(len(outcome["findings"]), 101)
        self.assertFalse(any("secret" in text for text in outcome["findings"]))


class CommandLine(Case):
    def run_program(self, *words, python=sys.executable, env=None):
        done = subprocess.run([python, "-I", PROGRAM, *words], capture_output=True, timeout=120,
                              env=dict(os.environ, **(env or {})))
        self.assertNotIn(b"Traceback", done.stderr + done.stdout)
        return done

    def setUp(self):
        super().setUp()
        mb.write(self.bundle(), os.path.join(self.folder, "b"))
        mb.write({"trust": self.trust, "head": self.log.checkpoint(5), "fork": mb.sample("fork").checkpoint(5),
                  "far": self.log.checkpoint(14).replace(b"\n14\n", b"\n15\n")}, self.folder)

    def at(self, name):
        return os.path.join(self.folder, name)

    def test_exit_statuses(self):
        b, trust = self.at("b"), ("--trust", self.at("trust"))
        for words, status in (
                ((b,) + trust, 0), ((b,), 12), ((b, "--head", self.at("fork")), 11), ((b, "--head", self.at("head")), 12),
                ((b, "--head", self.at("head")) + trust, 0), ((b, "--head", self.at("far")) + trust, 12),
                ((b, "--require", "time") + trust, 0), ((b, "--require", "time,erasure", "--json") + trust, 0),
                ((b, "--require", "luck") + trust, 2), ((b, "--require", "") + trust, 2), ((), 2), ((self.at("none"),), 2),
                ((self.at("trust"),), 2), ((b, "--trust", self.at("none")), 2), ((b, "--trust", self.at("head")), 2),
                ((b, "--head", self.at("trust")), 2), ((b, "--head", b), 2), ((b, "--what"), 2), ((b, b), 2),
                (("--self-test",), 0), (("--help",), 0), ((self.folder,), 10), (("bad\x01name",), 2)):
            with self.subTest(words):
                self.assertEqual(self.run_program(*words).returncode, status)

    def test_json(self):
        done = self.run_program(self.at("b"), "--json", "--trust", self.at("trust"))
        value = json.loads(done.stdout)
        self.assertEqual(list(value), ["exit", "verdicts", "findings"])
        self.assertEqual(value["exit"], 0)
        self.assertEqual(value["verdicts"]["integrity"], "proved")
        self.assertEqual(value["findings"], [])
        value = json.loads(self.run_program(self.at("b"), "--json").stdout)
        self.assertEqual((value["exit"], value["verdicts"]["authenticity"]), (12, "unproven"))

    def test_text_for_people(self):
        text = self.run_program(self.at("b"), "--trust", self.at("trust")).stdout.decode("ascii")
        for word in ("integrity", "PROVED", "ATTESTED", "VERIFIED", "14 records"):
            self.assertIn(word, text)
        self.assertIn("anybody could have made", self.run_program(self.at("b")).stdout.decode("ascii"))
        with open(self.at("b/\u202etxt.exe"), "wb"):
            pass
        done = self.run_program(self.at("b"), env={"LC_ALL": "C", "PYTHONIOENCODING": "ascii"})
        self.assertEqual(done.returncode, 10)
        self.assertIn(b"INVALID", done.stdout)

    def test_nobody_reads_the_output(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([sys.executable, PROGRAM, self.at("b"), "--trust", self.at("trust")], stdout=full,
                                  stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_the_oldest_python_it_promises(self):
        found = shutil.which("python3.9")
        works = found and subprocess.run([found, "-V"], capture_output=True).returncode == 0
        if not works:
            self.skipTest("no python3.9 here")
        self.assertEqual(self.run_program("--self-test", python=found).returncode, 0)
        self.assertEqual(self.run_program(self.at("b"), "--trust", self.at("trust"), python=found).returncode, 0)

    def test_self_test_in_process(self):
        old, sys.stdout = sys.stdout, io.StringIO()
        try:
            self.assertEqual(v.self_test(), 0)
        finally:
            sys.stdout = old

    def test_speed(self):
        key, data = bytes(32), bytes(1 << 18)
        sealed = mb.seal(key, b"", data)
        start = time.process_time()
        self.assertEqual(v.gcm_open.__wrapped__(key, bytes(12), b"", sealed), data)
        self.assertGreater(len(data) / (time.process_time() - start), 200_000)


class Vectors(unittest.TestCase):
    """Bundles of the other writer, frozen, with what both verifiers must say of them."""

    FOLDER = os.path.join(HERE, "..", "vectors")

    def read(self, name):
        with open(os.path.join(self.FOLDER, name), "rb") as file:
            return file.read()

    def test_the_frozen_bundles(self):
        if not os.path.isfile(os.path.join(self.FOLDER, "expected.json")):
            self.skipTest("no frozen bundles here")
        for case in json.loads(self.read("expected.json")):
            with self.subTest(case["bundle"], trust=case["trust"]):
                trust = self.read(case["trust"]) if case["trust"] else None
                outcome = judge(os.path.join(self.FOLDER, case["bundle"]), trust)
                for name in ("exit", "verdicts"):
                    self.assertEqual(outcome[name], case["report"][name])
                self.assertEqual(bool(outcome["findings"]), bool(case["report"]["findings"]))
                count("frozen bundles judged")

    def test_one_byte_changed_in_a_frozen_bundle(self):
        if not os.path.isdir(os.path.join(self.FOLDER, "bundle-small")):
            self.skipTest("no frozen bundles here")
        chance, trust = random.Random(11), self.read("trust.txt")
        with tempfile.TemporaryDirectory() as place:
            target = os.path.join(place, "b")
            shutil.copytree(os.path.join(self.FOLDER, "bundle-small"), target)
            paths = sorted(os.path.join(at, name) for at, _, names in os.walk(target) for name in names)
            for path in paths * 3:
                with open(path, "rb") as file:
                    good = file.read()
                if good:
                    at = chance.randrange(len(good))
                    with open(path, "wb") as file:
                        file.write(good[:at] + bytes([good[at] ^ chance.randrange(1, 256)]) + good[at + 1:])
                    self.assertEqual(judge(target, trust)["exit"], 10, (path, at))
                    count("single-byte changes caught")
                with open(path, "wb") as file:
                    file.write(good)
            self.assertEqual(judge(target, trust)["exit"], 0)


if __name__ == "__main__":
    program = unittest.main(exit=False)
    print("\nsummary: %d tests, %d failures, %d errors, %d skipped" % (
        program.result.testsRun, len(program.result.failures), len(program.result.errors),
        len(program.result.skipped)))
    for what in sorted(TALLY):
        print("  %6d %s" % (TALLY[what], what))
    sys.exit(not program.result.wasSuccessful())
