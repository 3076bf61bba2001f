"""Makes ledgers and bundles for the tests: a second writer of the format tw/1, in plain Python.

Everything comes from a seed, so that a bundle can be made again byte by byte. That is also why it
is for tests only: its keys are no secrets, and its signing takes no care of side channels.

    python3 make_bundle.py DIR      writes every sort of bundle, DIR/trust.txt and DIR/head
"""

import base64
import hashlib
import json
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
import age  # noqa: E402
import verify as v  # noqa: E402

ORIGIN = "ledger.example/exchange"
NONE = object()


def b64(data):
    return base64.b64encode(data).decode("ascii")


def sha(data):
    return hashlib.sha256(data).hexdigest()


def dump(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False).encode("utf-8")


def dump_lines(values):
    return b"".join(dump(value) + b"\n" for value in values)


def policy_version(files):
    """The hash that names a policy (section 6.5)."""
    parts = [b"tidewaiter policy v1\n"]
    for name in sorted(files):
        parts += [name.encode("ascii"), b"\n%d\n" % len(files[name]), files[name], b"\n"]
    return sha(b"".join(parts))


POLICY_FILES = {"catalog/core.toml": b"# \xff need not be text\n", "cases.json": b'{"a": 1, "a": 2}',
                "policy.csv": b"p, agent-1, balances.read, allow\n"}
POLICY = policy_version(POLICY_FILES)


class Signer:
    """An Ed25519 key (RFC 8032 section 5.1.5 and 5.1.6) with a name for signed notes."""

    def __init__(self, name, seed, kind=v.ED25519):
        digest = hashlib.sha512(hashlib.sha256(seed).digest()).digest()
        scalar = int.from_bytes(digest[:32], "little")
        self.scalar = scalar & ((1 << 254) - 8) | 1 << 254
        self.prefix, self.name, self.kind = digest[32:], name, kind
        self.public = v.point_encode(v.multiply_two(self.scalar, v.BASE, 0, v.NEUTRAL))
        data = bytes([kind]) + self.public
        self.id = hashlib.sha256(name.encode("utf-8") + b"\n" + data).digest()[:4]
        self.vkey = "%s+%s+%s" % (name, self.id.hex(), b64(data))

    def sign(self, message):
        r = int.from_bytes(hashlib.sha512(self.prefix + message).digest(), "little") % v.ORDER
        start = v.point_encode(v.multiply_two(r, v.BASE, 0, v.NEUTRAL))
        k = int.from_bytes(hashlib.sha512(start + self.public + message).digest(), "little")
        return start + ((r + k * self.scalar) % v.ORDER).to_bytes(32, "little")

    def line(self, text, at=1_790_000_000):
        """The signature line of a note with this text."""
        if self.kind == v.ED25519:
            signature = self.sign(text)
        else:
            signature = struct.pack(">Q", at) + self.sign(b"cosignature/v1\ntime %d\n" % at + text)
        return ("\u2014 %s %s\n" % (self.name, b64(self.id + signature))).encode("utf-8")


def note(text, *signers):
    return text + b"\n" + b"".join(signer.line(text) for signer in signers)


def seal(key, aad, plaintext):
    keys = v.aes_expand(key)
    ciphertext = v.aes_ctr(keys, bytes(12), plaintext)
    return ciphertext + v.gcm_tag(keys, bytes(12), aad, ciphertext)


def pad(text, bucket=None, filler=b"\x00"):
    """length || text || zeros, in the smallest bucket or in the one given."""
    size = 1024
    while size < 4 + len(text):
        size *= 2
    size = bucket or size
    return struct.pack(">I", len(text)) + text + filler * (size - 4 - len(text))


class Record:
    """A leaf with its body and the key that opens it."""

    def __init__(self, leaf, stored, key):
        self.leaf, self.stored, self.key = leaf, stored, key

    @property
    def line(self):
        return v.reprint(self.leaf).encode("ascii")

    @property
    def hash(self):
        return v.leaf_hash(self.line)

    @property
    def seq(self):
        return int(self.leaf.get("seq", "0"))


class Log:
    """A ledger in memory."""

    def __init__(self, seed="one", origin=ORIGIN):
        self.seed, self.origin, self.records, self.counters = seed, origin, [], {}
        self.checkpoint_key = self.signer(origin, "checkpoint")
        self.manifest_key = self.signer(origin + "/manifest", "manifest")
        self.receipt_key = self.signer(origin + "/receipt", "receipt")
        self.add("checkpoint.key", None, "system", {"note": "first"}, x={
            "checkpoint": self.checkpoint_key.vkey, "manifest": self.manifest_key.vkey,
            "receipt": self.receipt_key.vkey})

    def signer(self, name, label, kind=v.ED25519):
        return Signer(name, self.bytes("signer", label), kind)

    def bytes(self, *labels):
        return hashlib.sha256("\n".join((self.seed,) + tuple(map(str, labels))).encode()).digest()

    def add(self, kind, subject, retention, body, plaintext=None, seal_with=None, **members):
        """Appends a record. `plaintext` replaces the padded body, `members` those of the leaf."""
        seq = len(self.records)
        period = members.get("period", "2026-11")
        ikm = (self.bytes("subject", subject or "the log", retention)
               + self.bytes("period", retention, period))
        rid = members.get("rid", self.bytes("rid", seq)[:16].hex())
        info = "tw/1 record\n%s\n%s\n" % (self.origin, rid)
        salt = self.bytes("salt", seq)
        key = v.hkdf(ikm, salt, info.encode("ascii"), 32)
        split = v.hkdf(key, b"", b"tw/1 body key\n", 64)
        tag = v.hkdf(ikm, b"", ("tw/1 tag\n%s\n" % self.origin).encode("ascii"), 16).hex()
        aad = "tw/1 body\n%s\n%s\n%s\n%s\n%s\n" % (self.origin, rid, tag, kind, retention)
        plain = plaintext or pad(dump(body))
        stored = salt + seal(seal_with or split[:32], aad.encode("ascii"), plain)
        self.counters[tag] = self.counters.get(tag, 0) + 1
        leaf = {
            "body": sha(stored), "body_len": str(len(plain)), "class": retention,
            "kc": split[32:].hex(), "kind": kind, "log": self.origin, "n": str(self.counters[tag]),
            "period": period, "prev": self.records[-1].hash.hex() if seq else "0" * 64,
            "retain_until": "2031-12-01", "rid": rid, "seq": str(seq), "tag": tag,
            "time": "2026-11-22T10:%02d:%02d.%06dZ" % (seq // 60, seq % 60, 1000 + seq),
            "v": "tw/1", "writer": "replica-1/0.1.0",
        }
        leaf.update(members)
        leaf = {name: value for name, value in leaf.items() if value is not NONE}
        self.records.append(Record(leaf, stored, key))
        return self.records[-1]

    def rechain(self):
        """After a change: number and chain everything again, as a forger would."""
        for seq, record in enumerate(self.records):
            record.leaf["seq"] = str(seq)
            record.leaf["prev"] = self.records[seq - 1].hash.hex() if seq else "0" * 64

    def hashes(self, size=None):
        return [record.hash for record in self.records[:size]]

    def root(self, size=None):
        return v.merkle_root(self.hashes(size))

    def checkpoint_text(self, size=None):
        size = len(self.records) if size is None else size
        return ("%s\n%d\n%s\n" % (self.origin, size, b64(self.root(size)))).encode("ascii")

    def checkpoint(self, size=None, *witnesses):
        return note(self.checkpoint_text(size), self.checkpoint_key, *witnesses)

    def trust(self):
        return ("# the log\nlog %s\nquorum none\n" % self.checkpoint_key.vkey).encode("utf-8")


def nodes(log, seqs, size):
    """proofs/nodes, straight from the definition: the nodes that the entries do not give."""
    lines, have, hashes = [], set(seqs), log.hashes(size)

    def skipped(low, high):
        width = high - low
        if width & (width - 1) == 0:
            root = v.merkle_root(hashes[low:high])
            lines.append("%d %d %s\n" % (width.bit_length() - 1, low // width, b64(root)))
        else:
            middle = low + (1 << (width - 1).bit_length() - 1)
            skipped(low, middle)
            skipped(middle, high)

    def over(low, high):
        if not any(low <= seq < high for seq in have):
            skipped(low, high)
        elif high - low > 1:
            middle = low + (1 << (high - low - 1).bit_length() - 1)
            over(low, middle)
            over(middle, high)

    over(0, size)
    return "".join(lines).encode("ascii")


def records_csv(records):
    lines = [",".join(v.CSV_COLUMNS)]
    lines += [",".join(record.leaf.get(name, "") for name in v.CSV_COLUMNS) for record in records]
    return "".join(line + "\n" for line in lines).encode("ascii")


def keys_lines(records):
    return [{"kc": record.leaf["kc"], "key": record.key.hex(), "seq": str(record.seq)}
            for record in records]


def bundle(log, scope=None, select=None, size=None, keys="clear", cut=(), bare=(), withheld=(),
           redacted=(), before=None, witnesses=(), html=False, erased_by=None):
    """The files of a bundle, by path.

    `scope` is (from, to), or `select` a list of seqs. Of the entries, `cut` are cut as erased,
    `bare` are whole without a body (erased), `withheld` are cut for another reason, `redacted` are
    whole without a body (withheld). Record 0 is redacted where it lies out of scope."""
    size = len(log.records) if size is None else size
    if select is None:
        low, high = scope or (0, size)
        inside = list(range(low, high))
        told = {"from": str(low), "kind": "range", "to": str(high)}
    else:
        inside, told = sorted(set(select) - {0}), {"kind": "selection", "of": "case 7"}
    seqs = sorted(set(inside) | {0})
    whole = [log.records[seq] for seq in seqs if seq not in cut and seq not in withheld]
    with_body = [r for r in whole if r.seq not in bare and r.seq not in redacted]
    erased_by = erased_by or log.bytes("erasure")[:16].hex()
    lines = []
    for seq in seqs:
        record = log.records[seq]
        if seq in cut or seq in withheld:
            reason = "erased" if seq in cut else "withheld"
            lines.append(v.reprint({"cut": record.hash.hex(), "reason": reason, "seq": str(seq)}).encode())
        else:
            lines.append(record.line)
    files = {"bodies/%d.bin" % record.seq: record.stored for record in with_body}
    files.update({
        "README.txt": b"An evidence bundle. See verify.py.\n",
        "verify.py": b"# a copy of the verifier would be here\n",
        "entries.jsonl": b"".join(line + b"\n" for line in lines),
        "proofs/checkpoint": log.checkpoint(size, *witnesses),
        "proofs/nodes": nodes(log, seqs, size),
        "erasures.jsonl": dump_lines(
            {"ground": "request of the subject", "record": erased_by, "seq": str(seq)}
            for seq in sorted(set(cut) | set(bare))),
        "redactions.jsonl": dump_lines(
            {"reason": "third party", "rule": "R4", "seq": str(seq)}
            for seq in sorted(set(withheld) | set(redacted))),
        "custody.jsonl": dump_lines([{"act": "exported", "actor": "officer-1",
                                      "time": "2026-11-22T11:00:00.000000Z"}]),
        "identities.jsonl": dump_lines([{"id": "agent-1", "kind": "llm", "title": "Ассистент"}]),
        "views/records.csv": records_csv(whole),
    })
    files.update({"policies/%s/%s" % (POLICY, name): data for name, data in POLICY_FILES.items()})
    if html:
        files["views/index.html"] = b"<!doctype html><title>records</title>\n"
    if before is not None:
        files["proofs/before"] = log.checkpoint(before)
        proof = v.consistency_proof(before, log.hashes(size))
        files["proofs/consistency"] = "".join(b64(value) + "\n" for value in proof).encode("ascii")
    if keys == "clear":
        files["keys.jsonl"] = dump_lines(keys_lines(with_body))
    elif keys == "age":
        released = dump_lines(keys_lines(with_body))
        files["keys.age"] = age.encrypt(released, age.public(log.bytes("recipient")), log.bytes("file"))
    duty = [record.leaf["rid"] for record in log.records if record.leaf.get("kind") == "duty"]
    manifest = {
        "approved_by": "officer-2", "created": "2026-11-22T11:00:00.000000Z",
        "counts": {
            "cut": str(sum(seq in inside for seq in cut)),
            "delivered": str(sum(record.seq in inside for record in whole)),
            "found": str(len(inside)), "withheld": str(sum(seq in inside for seq in withheld))},
        "export": duty[0] if duty else log.bytes("export")[:16].hex(), "files": {},
        "format": "tw-bundle/1", "keys": keys, "log": log.origin, "nonce": "0123456789abcdef" * 2,
        "power": "request of the authority", "purpose": "supervision", "reference": "A-1/26",
        "requested_by": "authority", "scope": told,
        "tree": {"root": log.root(size).hex(), "size": str(size)},
    }
    return resign(files, log, manifest)


def resign(files, log, manifest=None):
    """Names and signs the files anew, as somebody could who holds the manifest key."""
    if manifest is None:
        manifest = json.loads(files["manifest.json"])
    rest = {path: data for path, data in files.items() if path not in ("manifest.json", "manifest.note")}
    manifest["files"] = {path: {"sha256": sha(data), "size": str(len(data))} for path, data in rest.items()}
    rest["manifest.json"] = dump(manifest)
    return sign_manifest(rest, log)


def sign_manifest(files, log):
    text = "tidewaiter/manifest/v1\n%s\n%s\n" % (log.origin, sha(files["manifest.json"]))
    files["manifest.note"] = note(text.encode("ascii"), log.manifest_key)
    return files


def write(files, folder):
    for path, data in files.items():
        target = os.path.join(folder, *path.split("/"))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(data)
    return folder


def sample(seed="one", origin=ORIGIN):
    """A log of fourteen records of many kinds."""
    log = Log(seed, origin)
    log.add("started", None, "system", {"build": "0.1.0"})
    log.add("conversation", "anna", "chat", {"channel": "app"}, agent="agent-1")
    log.add("turn", "anna", "chat", {"text": "Где мой вывод 0,4 BTC?"}, agent="agent-1")
    log.add("lookup", "anna", "lookup", {"amount": 0.4, "state": "queued"}, agent="agent-1",
            decision="allow", operation="withdrawals.status", policy=POLICY, purpose="support.withdrawal")
    log.add("refusal", "boris", "lookup", {"why": "not granted"}, agent="agent-1", decision="deny",
            operation="margin.add", policy=POLICY, purpose="support")
    log.add("intent", "boris", "lookup", {"what": "x" * 1500}, operation="case.open", request="0f" * 16)
    log.add("outcome", "boris", "lookup", {"done": True}, operation="case.open", request="0f" * 16)
    log.add("duty", "matter-9", "duty", {"act": "export"})
    log.add("erasure.requested", "anna", "erasure", {})
    log.add("erasure.executed", "anna", "erasure", {}, rid=log.bytes("erasure")[:16].hex())
    log.add("policy", None, "system", {}, x={"version": "2"}, policy="cd" * 32)
    log.add("turn", "boris", "chat", {"text": "hi"}, period="2026-10")
    log.add("started", None, "system", {"build": "0.1.1"})
    return log


def sorts(log):
    """One good bundle of each sort, with the verdicts and exit status a trust file gives it."""
    proved, attested, unproven = "proved", "attested", "unproven"
    return {
        "full": (bundle(log), (proved, attested, proved)),
        "full-none": (bundle(log, keys="none", html=True), (proved, attested, proved)),
        "full-age": (bundle(log, keys="age"), (proved, attested, proved)),
        "full-before": (bundle(log, before=5), (proved, attested, proved)),
        "range": (bundle(log, scope=(3, 9), before=2), (proved, attested, proved)),
        "range-first": (bundle(log, scope=(0, 1)), (proved, attested, proved)),
        "range-empty": (bundle(log, scope=(6, 6)), (proved, attested, proved)),
        "range-older": (bundle(log, scope=(2, 5), size=9, before=9), (proved, attested, proved)),
        "selection": (bundle(log, select=[2, 5, 6, 13]), (attested, attested, attested)),
        "selection-none": (bundle(log, select=[4], keys="none"), (attested, attested, attested)),
        "erased": (bundle(log, cut=(2, 3), bare=(4,)), (proved, attested, attested)),
        "erased-selection": (bundle(log, select=[2, 3, 4], cut=(2, 3)), (attested, attested, attested)),
        "withheld": (bundle(log, withheld=(5,), redacted=(6,)), (attested, attested, unproven)),
        "redacted-first": (bundle(log, scope=(3, 9), redacted=(0,)), (proved, attested, proved)),
        "erased-redacted-first": (bundle(log, scope=(3, 9), redacted=(0,), cut=(4,)), (proved, attested, attested)),
        "selection-redacted-first": (bundle(log, select=[3, 4], redacted=(0,)), (attested, attested, attested)),
        "redacted-in-scope": (bundle(log, scope=(0, 9), redacted=(0,)), (attested, attested, unproven)),
    }


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make_bundle.py DIR")
    log = sample()
    for name, (files, _) in sorts(log).items():
        write(files, os.path.join(sys.argv[1], name))
    write({"trust.txt": log.trust(), "head": log.checkpoint(9),
           "identity.txt": age.identity(log.bytes("recipient")).encode("ascii") + b"\n"}, sys.argv[1])


if __name__ == "__main__":
    main()
