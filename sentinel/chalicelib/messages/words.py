"""Names and links as a message may carry them: short, on one line, nothing hidden, nothing that is markup."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

_NAME_MOST = 80
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb]+")


def clean(text: str, most: int = _NAME_MOST) -> str:
    """`text` on one line, without control, invisible or direction marks, at most `most` characters."""
    one_line = " ".join(_HIDDEN.sub(" ", text).split())
    return one_line if len(one_line) <= most else one_line[: most - 1].rstrip() + "…"


def place(source: str) -> str:
    """What a file no reader can follow by a link is called: the last part of a path or of an `s3://` address."""
    if ":" in source.removeprefix("s3://"):
        return ""
    return clean(source.rstrip("/").rpartition("/")[2], 60)


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
