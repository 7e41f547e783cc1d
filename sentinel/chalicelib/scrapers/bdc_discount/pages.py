"""A release as paragraphs and tables, in order, each with its place: HTML of any make through lxml.

Layout tables are seen through; a table's cells keep the columns they span.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree, html

from chalicelib.errors import Unreadable
from chalicelib.scrapers.bdc_discount.blocks import REACH, Cell, Grid, Page, Paragraph, items_of, plain, read_plain, unmarked

MOST_BYTES = 16_000_000
_MOST_DEPTH = 200
_MOST_SPAN = 60
_MOST_CELLS = 120_000

_SKIPPED = frozenset(
    ("script", "style", "noscript", "template", "head", "svg", "iframe", "object", "select", "form", "nav", "textarea")
)
_INLINE = frozenset(
    ("a", "abbr", "b", "bdi", "big", "cite", "code", "del", "em", "font", "i", "ins", "label", "mark", "q", "s", "small")
)
_INLINE |= frozenset(("span", "strong", "strike", "time", "tt", "u", "var", "wbr", "img", "sup", "sub"))
_FIGURE_ALONE = re.compile(r"(?:US|C|A)?[$€£]\s?\d[\d,]*(?:\.\d+)?|\d+\.\d\d")
_ENDS = re.compile(r"</\s*(?:body|html)\s*>", re.IGNORECASE)
"""Closing tags after which the parser would drop what a browser still shows."""
_HIDING = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)
_MOST_PARTS = 4
_LONGEST_TILE = 200
_LONGEST_BOX = 80
_ROWS = frozenset(("tbody", "thead", "tfoot"))


def decode(body: bytes) -> str:
    """The document's characters: by its byte order mark, as UTF-8 when it is that, by its declaration, else as Windows-1252."""
    if len(body) > MOST_BYTES:
        raise Unreadable(f"{len(body):,} bytes where {MOST_BYTES:,} are plausible", where="size")
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if body.startswith(mark):
            return body.decode(name, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = re.search(rb"(?:charset|encoding)\s*=\s*[\"']?([\w-]{2,20})", body[:4096], re.IGNORECASE)
    try:
        return body.decode(declared[1].decode("ascii") if declared else "cp1252", "replace")
    except LookupError:
        return body.decode("cp1252", "replace")


def read_page(source: str) -> Page:
    """The page `source` holds; raises `Unreadable` when it holds no words."""
    if not source.strip():
        raise Unreadable("an empty document", where="byte 0")
    page = (
        _read_html(source)
        if re.search(r"<\s*(?:html|body|p|div|table|br|span|td|li|h[1-6])\b", source, re.IGNORECASE)
        else read_plain(source)
    )
    if not page.blocks:
        raise Unreadable("a document without words", where="byte 0", evidence=source[:300])
    return page


def _read_html(source: str) -> Page:
    cleaned = re.sub(r"^\s*<\?xml[^>]*\?>", "", source.replace("\x00", ""))
    cleaned = _ENDS.sub("", cleaned)
    parser = html.HTMLParser(huge_tree=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(cleaned, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"no HTML: {error}", where="byte 0", evidence=source[:300]) from error
    for node in [each for each in root.iter() if isinstance(each, html.HtmlElement) and _is_hidden(each)]:
        node.drop_tree()
    found = root.find(".//title")
    pen = _Pen(source)
    pen.walk(root, 0)
    pen.close()
    return Page(plain("".join(map(str, found.itertext()))) if found is not None else "", tuple(pen.blocks), source)


def _is_hidden(node: html.HtmlElement) -> bool:
    """Whether a browser would not show an element at all."""
    if node.tag in ("html", "body") or node.getparent() is None:
        return False
    return node.get("hidden") is not None or _HIDING.search(node.get("style") or "") is not None


class _Pen:
    """Walks a tree and writes down its blocks."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.place = 0
        self.blocks: list[Paragraph | Grid] = []
        self.words: list[str] = []
        self.heading = False
        self.cells = 0

    def close(self) -> None:
        """End the paragraph that is open."""
        text = unmarked(plain("".join(self.words)))
        if text:
            self.blocks.append(Paragraph(text, self._at(self.words), heading=self.heading))
        self.words, self.heading = [], False

    def _at(self, pieces: list[str]) -> int:
        """Where the first words of `pieces` stand in the source, at or after the last place found."""
        first = next((piece.strip() for piece in pieces if piece.strip()), "")
        at = self.source.find(first[:40].split("\n")[0].strip(), self.place, self.place + REACH) if first else -1
        if at >= 0:
            self.place = at
        return self.place

    def walk(self, node: html.HtmlElement, depth: int) -> None:
        """Write down a node's text and what is under it."""
        if depth > _MOST_DEPTH:
            raise Unreadable(f"elements nested more than {_MOST_DEPTH} deep", where=f"<{node.tag}>")
        tag = node.tag if isinstance(node.tag, str) else ""
        if tag in ("pre", "table") and node.find(".//tr") is None:
            self.close()
            self.blocks += read_plain(node.text_content()[:MOST_BYTES], self._at([node.text_content()])).blocks
        elif tag == "table" and not _is_layout(node):
            self.close()
            self._table(node, depth)
        elif tag == "dl":
            self.close()
            self._definitions(node, depth)
        elif (rows := _rows_of_boxes(node)) is not None:
            self.close()
            cells = [[(n, _cell_text(cell, depth)) for n, cell in enumerate(row)] for row in rows]
            held = tuple(tuple(Cell(text, n, n + 1) for n, text in row if text) for row in cells)
            self.blocks.append(Grid(held, self._at([text for row in cells for _, text in row if text])))
        elif tag and tag not in _SKIPPED:
            inline = tag in _INLINE
            if not inline:
                self.close()
            first = len(self.blocks)
            self.heading = self.heading or tag in ("h1", "h2", "h3")
            if tag != "sup" or not re.fullmatch(r"\s*\(?[\d*†‡a-z]{1,2}\)?\s*", "".join(map(str, node.itertext()))):
                self.words.append(node.text or "")
                for child in node:
                    self.walk(child, depth + 1)
            if not inline:
                self.close()
                self._tile(first)
        self.words.append(node.tail or "")

    def _definitions(self, node: html.HtmlElement, depth: int) -> None:
        """A list of terms as a table: a row for each term and what is said of it."""
        rows: list[tuple[Cell, ...]] = []
        for part in node.iter("dt", "dd"):
            text = _cell_text(part, depth)
            if part.tag == "dt" or not rows:
                rows.append((Cell(text, 0, 1),))
            else:
                rows[-1] += (Cell(text, len(rows[-1]), len(rows[-1]) + 1),)
        if rows:
            self.blocks.append(Grid(tuple(rows), self._at([rows[0][0].text])))

    def _tile(self, first: int) -> None:
        """Make one paragraph of an element that holds nothing but a figure and the words that label it, either way round."""
        parts = self.blocks[first:]
        texts = [part.text for part in parts if isinstance(part, Paragraph)]
        figures = [text for text in texts if _FIGURE_ALONE.fullmatch(text)]
        if (
            not 2 <= len(texts) <= _MOST_PARTS
            or len(texts) < len(parts)
            or len(figures) != 1
            or sum(map(len, texts)) > _LONGEST_TILE
        ):
            return
        label, *notes = [text for text in texts if text != figures[0]]
        self.blocks[first:] = [Paragraph(" ".join([f"{label.rstrip(' :')}: {figures[0]}", *notes]), parts[0].offset)]

    def _table(self, table: html.HtmlElement, depth: int) -> None:
        rows: list[tuple[Cell, ...]] = []
        open_spans: dict[int, int] = {}
        group = _Group()
        for caption in table.findall("caption"):
            self.words.append(_cell_text(caption, depth))
            self.close()
        start: int | None = None
        for row in _rows(table):
            cells: list[Cell] = []
            column = 0
            for cell in row:
                if cell.tag not in ("td", "th"):
                    continue
                self.cells += 1
                if self.cells > _MOST_CELLS:
                    raise Unreadable(f"more than {_MOST_CELLS} cells", where="table")
                while open_spans.get(column, 0) > 0:
                    open_spans[column] -= 1
                    column += 1
                width, height = _span(cell, "colspan"), _span(cell, "rowspan")
                text = _cell_text(cell, depth)
                if text:
                    place = self._at([text])
                    start = place if start is None else start
                    cells.append(Cell(text, column, column + width))
                if height > 1:
                    open_spans.update(dict.fromkeys(range(column, column + width), height - 1))
                column += width
            for at in [at for at, left in open_spans.items() if left > 0 and at >= column]:
                open_spans[at] -= 1
            rows.append(tuple(group.over(row, cells)))
        if items := items_of(rows):
            self.blocks += [Paragraph(item, start or self.place) for item in items]
        elif any(rows):
            self.blocks.append(Grid(tuple(rows), start or self.place))


class _Group:
    """What stands beside a group of rows, in a cell of the first column that spans them: it belongs to each of them."""

    def __init__(self) -> None:
        self.text = ""
        self.left = 0

    def over(self, row: html.HtmlElement, cells: list[Cell]) -> list[Cell]:
        """The row's cells, led by its group's where it is not the first of the group and holds figures."""
        figures = any(_FIGURE_ALONE.fullmatch(cell.text) for cell in cells)
        led = [Cell(self.text, 0, 1), *cells] if self.left and figures else cells
        self.left = max(0, self.left - 1)
        height = _span(row[0], "rowspan") if len(row) else 1
        if figures and height > 1 and cells[0].first == 0:
            self.text, self.left = cells[0].text, height - 1
        return led


def _rows_of_boxes(node: html.HtmlElement) -> list[list[html.HtmlElement]] | None:
    """The rows of a table drawn without table elements: boxes that each hold the same three or more boxes of a few words."""
    rows = [list(child) for child in node]
    if node.tag not in ("div", "section", "ul") or len(rows) < 2 or len({len(row) for row in rows}) > 1 or len(rows[0]) < 3:
        return None
    words = [cell.text_content() for row in rows for cell in row]
    short = all(len(text) <= _LONGEST_BOX for text in words) and not any(node.iter("table", "p", "br", "a", "img"))
    return rows if short and sum(_FIGURE_ALONE.fullmatch(plain(text)) is not None for text in words) >= 2 else None


def _rows(table: html.HtmlElement) -> Iterator[html.HtmlElement]:
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in _ROWS:
            yield from (row for row in child if row.tag == "tr")


def _span(cell: html.HtmlElement, name: str) -> int:
    found = re.fullmatch(r"\s*(\d{1,3})\s*", cell.get(name) or "1")
    return min(_MOST_SPAN, max(1, int(found[1]))) if found else 1


def _cell_text(cell: html.HtmlElement, depth: int) -> str:
    if depth > _MOST_DEPTH:
        raise Unreadable(f"elements nested more than {_MOST_DEPTH} deep", where="td")
    words: list[str] = []
    for node in cell.iter():
        if not isinstance(node.tag, str) or node.tag in _SKIPPED:
            continue
        if node.tag != "sup" or not re.fullmatch(r"\s*\(?[\d*†‡a-z]{1,2}\)?\s*", node.text or ""):
            words.append(node.text or "")
        if node is not cell:
            words.append((" " if node.tag not in _INLINE else "") + (node.tail or ""))
        if node.tag == "br":
            words.append(" ")
    return plain("".join(words))


def _is_layout(table: html.HtmlElement) -> bool:
    """Whether a table only arranges the page: it holds a table, or a cell with several paragraphs or a long text."""
    if table.find(".//table") is not None:
        return True
    return any(
        len(cell.text_content()) > 600
        or len(cell.findall(".//p")) > 3
        or next(cell.iter("ul", "h1", "h2", "h3"), None) is not None
        for row in _rows(table)
        for cell in row
        if isinstance(cell.tag, str)
    )
