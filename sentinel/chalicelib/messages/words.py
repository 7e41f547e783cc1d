"""Amounts, names and links as a message may carry them: short, on one line, nothing hidden, nothing that is markup."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from urllib.parse import urlsplit

_NAME_MOST = 80
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]+")
_MAGNITUDES = ((Decimal(10) ** 12, "tn"), (Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m"))


def amount(value: Decimal | None, unit: str) -> str:
    """A short amount: `USD 7.2 bn`, `12.0 %` for a ratio of 0.12, `0.31 USD/share`."""
    if value is None:
        return "not available"
    if unit == "ratio":
        return f"{_trimmed(value * 100, 1)} %"
    if unit == "pct":
        return f"{_trimmed(value, 2)} %"
    if re.fullmatch(r"[A-Z]{3}", unit):
        for size, name in _MAGNITUDES:
            if abs(value) >= size:
                return f"{unit} {_trimmed(value / size, 1)} {name}"
        return f"{unit} {value:,.0f}"
    return f"{_plain(value)} {clean(unit, 20)}".strip() if unit not in ("", "count") else _plain(value)


def exactly(value: Decimal, unit: str) -> str:
    """The short amount with all its digits beside it, when they differ: `USD 7.2 bn (7,234,567,890)`."""
    short = amount(value, unit)
    if unit in ("ratio", "pct"):
        return f"{_trimmed(value * (100 if unit == 'ratio' else 1), 2)} %"
    return f"{short} ({value:,f})" if short.endswith((" tn", " bn", " m")) else short


def _trimmed(value: Decimal, places: int) -> str:
    return f"{value:,.{places}f}"


def _plain(value: Decimal) -> str:
    whole = value == value.to_integral_value()
    return f"{value:,.0f}" if whole else f"{value.normalize():,f}"


def clean(text: str, most: int = _NAME_MOST) -> str:
    """`text` on one line, without control, invisible or direction marks, at most `most` characters."""
    one_line = " ".join(_HIDDEN.sub(" ", text).split())
    return one_line if len(one_line) <= most else one_line[: most - 1].rstrip() + "…"


def ascii_only(text: str, most: int) -> str:
    """`text` as printable ASCII: accents fall off, what has no ASCII becomes `?`, cut at a word with `...`."""
    swapped = text.replace("…", "...").replace("–", "-").replace("—", "-").replace("’", "'").replace("−", "-")  # noqa: RUF001 -- the very marks
    decomposed = unicodedata.normalize("NFKD", swapped)
    bare = "".join(each for each in decomposed if not unicodedata.combining(each))
    plain = " ".join(re.sub(r"[^\x20-\x7e]+", "?", " ".join(bare.split())).split())
    if len(plain) <= most:
        return plain
    cut = plain[: most - 3]
    return cut[: cut.rfind(" ")].rstrip(" ,;:(") + "..." if " " in cut[most // 2 :] else cut + "..."


def safe_link(address: str) -> str:
    """`address` if a reader may be sent there (https, a host, no user name, nothing to break out of quotes), else nothing."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if (
        parts.scheme != "https"
        or not parts.hostname
        or parts.username
        or re.search(r"[\s<>\"'`|\\^{}\x00-\x20\x7f-\uffff]", address)
    ):
        return ""
    return address if len(address) <= 1000 else ""
