"""Lower case without accents, as `Lexicon` folds words."""
import unicodedata

PLAIN = str.maketrans({"ł": "l", "ø": "o", "æ": "ae", "ß": "ss", "đ": "d", "þ": "th", "ð": "d", "ı": "i", "œ": "oe",
                       "ə": "e", "ŋ": "n", "ħ": "h"})


def fold(word):
    word = unicodedata.normalize("NFD", word.lower())
    return "".join(c for c in word if not unicodedata.combining(c)).translate(PLAIN)
