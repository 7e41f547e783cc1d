"""The scrapers by name; each is a module (or package) that satisfies `ports.Scraper`, imported only when asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from chalicelib.errors import BadEvent

if TYPE_CHECKING:
    from chalicelib.ports import Scraper

NAMES: tuple[str, ...] = ("bond-issuance", "bdc-discount", "credit-fund", "bank-provision")


def load(name: str) -> Scraper:
    """The scraper called `name`; raises `BadEvent` for any other name."""
    if name not in NAMES:
        raise BadEvent(f"scraper {name!r}: expected one of {', '.join(NAMES)}")
    return cast("Scraper", import_module(f"chalicelib.scrapers.{name.replace('-', '_')}"))
