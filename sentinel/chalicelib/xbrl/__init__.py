"""Facts from XBRL: inline documents (one or a set) and extracted instances, streamed, without any taxonomy.

`read` takes bytes or a binary stream (or several: one inline set) and gives `Facts`: every fact as tagged, with its context
(entity, period, dimensions), its unit, and its value as a `Decimal` in whole units, a text, or None. Concepts, axes and members
are local names; the year in a namespace is dropped (`family`: `us-gaap`, `dei`, `ffd`, ..., `company`). Nothing is guessed:
`scale` moves the point, `decimals` never does, and what cannot be read leaves `value` None with the reason in `flaw`.
"""

from __future__ import annotations

from chalicelib.xbrl.facts import Conflict, Context, Fact, Facts
from chalicelib.xbrl.reading import MAX_BYTES, read

__all__ = ["MAX_BYTES", "Conflict", "Context", "Fact", "Facts", "read"]
