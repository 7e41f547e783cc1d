"""One pass over inline documents and extracted instances, keeping only what XBRL says.

Everything else is dropped as soon as it has been parsed: a block of HTML is emptied at its end, or, inside a tagged text,
shrunk to its words.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from operator import itemgetter
from typing import BinaryIO, cast

from lxml import etree

from chalicelib.errors import Unreadable
from chalicelib.xbrl.declared import XBRLI
from chalicelib.xbrl.facts import Facts
from chalicelib.xbrl.gathered import Gathered, Name, Wanted, family_of
from chalicelib.xbrl.streams import MAX_BYTES, Element, Malformed, Opened

__all__ = ["MAX_BYTES", "read"]

_INLINE = ("http://www.xbrl.org/2013/inlineXBRL", "http://www.xbrl.org/2008/inlineXBRL")
_XHTML = "{http://www.w3.org/1999/xhtml}"
_OWN = re.compile(r"http://(?:www\.xbrl\.org|xbrl\.org|www\.w3\.org)/")
"""XBRL's and the web's own namespaces: no company's or taxonomy's facts are in them."""
_BLOCKS = {prefix + block for prefix in (_XHTML, "") for block in ("table", "div", "p")}
_NUMERATOR = XBRLI + "numerator"
_STRING = cast("Callable[[Element], str]", etree.XPath("string()", smart_strings=False))


_OF_NUMBERS = ("unitRef", "decimals", "precision")
_USUAL = ("contextRef", "unitRef", "decimals", "id")


@lru_cache(maxsize=256)
def _usual(keys: tuple[str, ...]) -> Callable[[Sequence[str]], Sequence[str]] | None:
    """What picks an instance's usual attributes out of the values of those written; None when there are others."""
    return itemgetter(*map(keys.index, _USUAL)) if sorted(keys) == sorted(_USUAL) else None


def _all(_concept: str, _family: str) -> bool:
    return True


def read(*sources: bytes | BinaryIO, names: Sequence[str] = (), only: Wanted = _all) -> Facts:
    """The facts of one document, or of several that make one inline set (they share contexts, units and continuations).

    `names` are the documents' names for error messages; `only` tells by concept and family which facts are wanted: the others are
    dropped unread, which saves most of the time and memory. Raises `Unreadable`: not XML, not XBRL, too large, a context twice,
    a fact without a declared context, a broken continuation.
    """
    gathered = Gathered(wanted=only)
    with _uncollected():
        for number, source in enumerate(sources):
            gathered.begin(number)
            _read_one(source, names[number] if number < len(names) else f"document {number + 1}", gathered)
    if not gathered.facts and not gathered.contexts:
        raise Unreadable("the document holds no XBRL", where=", ".join(names))
    return gathered.finish()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the cycle collector: ten thousand facts make no cycles, but looking for some is a third of the reading time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _read_one(source: bytes | BinaryIO, name: str, gathered: Gathered) -> None:
    try:
        _gather(Opened(source, name), gathered)
    except Malformed as first:
        if not isinstance(source, bytes) and not source.seekable():
            raise first.error from first
        gathered.forget()
        try:
            _gather(Opened(source, name, entities=True), gathered)
        except Malformed as again:
            raise again.error from again


def _gather(opened: Opened, gathered: Gathered) -> None:
    if opened.root == XBRLI + "xbrl":
        _Instance(opened, gathered).run()
    elif opened.root.rpartition("}")[2].lower() == "html":
        _Inline(opened, gathered).run()
    else:
        raise Unreadable(f"the document's root is {opened.root[:100]!r}, neither XBRL nor HTML", where=opened.name)


class _Inline:
    """An inline document: how many tagged texts, hidden sections and tuples are open decides what an element's end does."""

    def __init__(self, opened: Opened, gathered: Gathered) -> None:
        self.opened = opened
        self.gathered = gathered
        self.families: dict[str, str] = {}
        self.declared: dict[str, str] = {}
        self.names: dict[str, Name | None] = {}
        self.texts = self.hidden = self.tuples = 0

    def run(self) -> None:
        starts: dict[str, Callable[[Element], None]] = {}
        ends: dict[str, Callable[[Element], None]] = {XBRLI + "context": self._context, XBRLI + "unit": self._unit}
        for namespace in _INLINE:
            ix = f"{{{namespace}}}"
            starts |= {ix + "nonNumeric": self._open_text, ix + "continuation": self._open_continuation}
            starts |= {ix + "hidden": self._open_hidden, ix + "tuple": self._open_tuple}
            ends |= {ix + "nonFraction": self._number, ix + "nonNumeric": self._text, ix + "continuation": self._continuation}
            ends |= {ix + "hidden": self._close_hidden, ix + "tuple": self._close_tuple, ix + "fraction": self._fraction}
            ends[ix + "exclude"] = lambda element: element.clear(keep_tail=True)
        ends |= dict.fromkeys(_BLOCKS, self._block)
        for event, element in self.opened.events((*starts, *ends), ("start", "end", "start-ns")):
            if event == "end":
                ends[element.tag](element)
            elif event == "start":
                if element.tag in starts:
                    starts[element.tag](element)
            else:
                self._declare(*element)

    def _declare(self, prefix: str, namespace: str) -> None:
        if self.declared.setdefault(prefix, namespace) != namespace and prefix:
            raise Unreadable(f"prefix {prefix[:40]!r} means two namespaces", where=self.opened.name)
        self.families[prefix] = family_of(namespace)

    def _open_text(self, element: Element) -> None:
        if self._name(element) is not None:
            self.texts += 1

    def _open_continuation(self, _: Element) -> None:
        self.texts += 1

    def _open_hidden(self, _: Element) -> None:
        self.hidden += 1

    def _close_hidden(self, _: Element) -> None:
        self.hidden -= 1

    def _open_tuple(self, _: Element) -> None:
        self.tuples += 1

    def _close_tuple(self, _: Element) -> None:
        self.tuples -= 1
        self.gathered.ignored["tuple"] += 1

    def _fraction(self, _: Element) -> None:
        self.gathered.ignored["fraction"] += 1

    def _context(self, element: Element) -> None:
        self.gathered.add_context(element)
        element.clear(keep_tail=True)

    def _unit(self, element: Element) -> None:
        self.gathered.add_unit(element)
        element.clear(keep_tail=True)

    def _block(self, element: Element) -> None:
        if not self.texts:
            element.clear(keep_tail=True)
        elif len(element):
            words = _STRING(element)
            element.clear(keep_tail=True)
            element.text = words

    def _number(self, element: Element) -> None:
        name = self._name(element)
        if name is not None and self._counts(attributes := dict(element.items())):
            text = _printed(element) if len(element) else element.text or ""
            self.gathered.add_number(name, attributes, text, element.sourceline, hidden=self.hidden > 0)

    def _text(self, element: Element) -> None:
        name = self._name(element)
        if name is None:
            return
        self.texts -= 1
        if self._counts(attributes := dict(element.items())):
            text = _STRING(element) if len(element) else element.text or ""
            self.gathered.add_text(name, attributes, text, element.sourceline, hidden=self.hidden > 0)

    def _counts(self, attributes: dict[str, str]) -> bool:
        """Whether the fact stands for itself in the document everybody reads; what does not is counted."""
        if self.tuples or "tupleRef" in attributes:
            self.gathered.ignored["in-tuple"] += 1
            return False
        if "target" in attributes:
            self.gathered.ignored["other-target"] += 1
            return False
        return True

    def _name(self, element: Element) -> Name | None:
        """The name of a fact; None when it is not wanted."""
        qname = element.get("name", "")
        if qname not in self.names:
            prefix, _, concept = qname.rpartition(":")
            family = self.families.get(prefix)
            if family is None or not concept:
                raise Unreadable(f"a fact is called {qname[:80]!r}", where=f"line {element.sourceline}")
            self.names[qname] = self.gathered.name(concept, family)
        return self.names[qname]

    def _continuation(self, element: Element) -> None:
        self.texts -= 1
        ident = element.get("id", "")
        if ident in self.gathered.continuations:
            raise Unreadable(f"continuation {ident[:80]!r} occurs twice", where=f"line {element.sourceline}")
        self.gathered.continuations[ident] = (_STRING(element), element.get("continuedAt"))


class _Instance:
    """An extracted instance: contexts, units and facts are the children of the root; a child that holds facts is a tuple."""

    def __init__(self, opened: Opened, gathered: Gathered) -> None:
        self.opened = opened
        self.gathered = gathered
        self.names: dict[str, Name] = {}
        self.others: dict[str, Callable[[Element], None]] = {
            XBRLI + "context": gathered.add_context,
            XBRLI + "unit": gathered.add_unit,
        }

    def run(self) -> None:
        """Nearly all children are facts of digits with the same attributes in the same order: a short way is kept for those."""
        names, others = self.names, self.others
        digits, keys, pick = self.gathered.digits(), [""], None
        for element in self.opened.children():
            tag = element.tag
            name = names.get(tag)
            if name is None:
                others.get(tag, self._unmet)(element)
                continue
            if element.keys() != keys:
                keys = element.keys()
                pick = _usual(tuple(keys))
            if pick is None or len(element) or not digits(name, pick(element.values()), element.text or "", element.sourceline):
                self._fact(name, element)

    def _unmet(self, element: Element) -> None:
        """Read the first element of a tag, and settle what its others are."""
        tag = element.tag
        name = self._name(tag) if _is_concept(tag) else None
        if name is not None:
            self.names[tag] = name
            self._fact(name, element)
        else:
            self.others[tag] = self._tuple if _is_concept(tag) else _ignore
            self.others[tag](element)

    def _name(self, tag: str) -> Name | None:
        namespace, _, concept = tag[1:].rpartition("}")
        return self.gathered.name(concept, family_of(namespace))

    def _fact(self, name: Name, element: Element) -> None:
        attributes, plain, line = dict(element.items()), not len(element), element.sourceline
        if "contextRef" not in attributes:
            self._tuple(element)
        elif attributes.keys().isdisjoint(_OF_NUMBERS):
            self.gathered.add_text(name, attributes, element.text or "" if plain else _STRING(element), line)
        elif element.find(_NUMERATOR) is not None:
            self.gathered.ignored["fraction"] += 1
        else:
            self.gathered.add_number(name, attributes, element.text or "" if plain else _written(element), line)

    def _tuple(self, element: Element) -> None:
        """Count a tuple, those in it, and the facts in them; a fact that is not wanted is left out uncounted."""
        if element.get("contextRef") is not None:
            return
        for each in filter(lambda each: _is_concept(each.tag), element.iter("*")):
            if each.get("contextRef") is None:
                self.gathered.ignored["tuple"] += 1
            elif self._name(each.tag) is not None:
                self.gathered.ignored["in-tuple"] += 1


def _printed(element: Element) -> str:
    """A number's text. A block in it has been emptied, and an unknown entity is a hole: either makes it no number."""
    broken = any(each.tag in _BLOCKS or not isinstance(each.tag, str) for each in element.iter())
    return _written(element) if broken else _STRING(element)


def _is_concept(tag: object) -> bool:
    return isinstance(tag, str) and not _OWN.match(tag[1:])


def _ignore(_: Element) -> None:
    """Links, footnotes and references to schemas hold no facts."""


def _written(element: Element) -> str:
    """A number that is more than text, as written: it is no number."""
    return etree.tostring(element, encoding="unicode", with_tail=False).strip()
