"""Names folded for finding and sorting: without case, accents, apostrophes. What is shown is not folded."""

import re
import unicodedata
from datetime import date

APOSTROPHES = re.compile(r"['\u2018\u2019\u02bc\u02bb\u00b4`\u2032]")
NO_WORD = re.compile(r"[\W_]+")
# Letters that decomposition leaves whole, as most keyboards write them.
LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", "ħ": "h"}
)


def fold(text: str) -> str:
    """Lower case, no accents: 'Żółć' becomes 'zolc'. Other scripts keep their letters."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return unicodedata.normalize("NFKC", bare).translate(LETTERS)


def words(text: str) -> list[str]:
    """The folded words of a name. 'O'Connell' is one word, 'oconnell'."""
    return [word for word in NO_WORD.split(APOSTROPHES.sub("", fold(text))) if word]


def search_key(given_name: str, family_name: str, record_number: str, birth_date: date) -> str:
    """All words by which a patient is found, each once, separated by single spaces.

    Apostrophes also part words ('connell' finds O'Connell), and the number is found without its zeros.
    """
    name = f"{given_name} {family_name}"
    parted = words(APOSTROPHES.sub(" ", name))
    number = "".join(words(record_number))
    digits = record_number.rpartition("-")[2]
    found = [*words(name), *parted, number, digits, digits.lstrip("0"), birth_date.strftime("%Y%m%d")]
    return " ".join(dict.fromkeys(word for word in found if word))


def sort_key(given_name: str, family_name: str) -> str:
    """By family name, then given name."""
    return f"{' '.join(words(family_name))}, {' '.join(words(given_name))}"[:260]


def search_words(asked: str) -> list[str]:
    """What a person typed into the search, as beginnings of words: '1969-12-06' is one of them."""
    dates_joined = re.sub(r"(\d{4})-(\d\d)(?:-(\d\d))?", lambda m: "".join(filter(None, m.groups())), asked)
    numbers_joined = re.sub(r"(?i)\bok-(\d+)", r"ok\1", dates_joined)
    return words(numbers_joined)[:8]
