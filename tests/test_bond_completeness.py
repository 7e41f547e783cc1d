"""A term sheet that lost one of its tranches is known by its own counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib import edgar, markup
from chalicelib.scrapers.bond_issuance import completeness, sheet_rows, term_sheet, titles

_CASES = Path(__file__).parent / "cases" / "bond-issuance"


def _sheets() -> list[Path]:
    """The cases of term sheets, those that read without an error."""
    return [folder for folder in sorted(_CASES.glob("fwp-*")) if not (folder / "raises.txt").exists()]


@pytest.mark.parametrize("folder", _sheets(), ids=lambda folder: folder.name)
def test_a_lost_tranche_is_told(folder: Path) -> None:
    """Whichever of several tranches is taken away, a count of the sheet disagrees."""
    submission = edgar.read_submission((folder / "input.txt").read_bytes())
    sheet = term_sheet.read(submission)
    text = markup.flatten(markup.decode(submission.text(submission.main)), limit=60_000).text
    said, names = list(sheet_rows.values(text)), titles.find(text)
    for lost in sheet.tranches if len(sheet.tranches) > 1 else ():
        left = [line for line in sheet.tranches if line is not lost]
        assert False in [check.agrees for check in completeness.checks(text, said, names, left)], lost.title
