"""Every folder under tests/cases is read by its scraper's `extract` and must give what stands beside it.

A case: `input.*` (or `input-1.*`, `input-2.*` …) and either `expected.json`, a list with one object per output line of which
only the keys given are compared, or `raises.txt`, the error's type and then words its message must hold.
"""

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from chalicelib import scrapers
from chalicelib.ports import Source

CASES = Path(__file__).parent / "cases"


def folders() -> list[Path]:
    return sorted(path.parent for pattern in ("expected.json", "raises.txt") for path in CASES.glob(f"*/*/{pattern}"))


def plain(value):
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    return Decimal(value)


def differences(expected, got, path: str = "") -> list[str]:
    if isinstance(expected, dict) and isinstance(got, dict):
        return [line for key, each in expected.items() for line in differences(each, got.get(key), f"{path}.{key}")]
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        return [
            line
            for n, (one, other) in enumerate(zip(expected, got, strict=True))
            for line in differences(one, other, f"{path}[{n}]")
        ]
    return [] if expected == got else [f"{path}: expected {expected!r}, got {got!r}"]


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_case_reads_as_written_beside_it(folder: Path) -> None:
    """A document whose right answer is written beside it gives exactly that answer, or the error it names."""
    inputs = sorted(folder.glob("input*"))
    assert inputs, f"{folder} has no input"
    lines = list(scrapers.load(folder.parent.name).extract([Source(path.name, str(path)) for path in inputs]))
    if (raises := folder / "raises.txt").exists():
        kind, *words = [line.strip() for line in raises.read_text().splitlines() if line.strip()]
        errors = [line for line in lines if "error" in line]
        assert [line["error_type"] for line in errors] == [kind], lines
        assert all(each.lower() in str(errors[0]["error"]).lower() for each in words), errors[0]["error"]
        return
    expected = json.loads((folder / "expected.json").read_text(), parse_float=Decimal, parse_int=Decimal)
    assert differences(plain(expected), plain(lines)) == []


def test_every_case_folder_can_fail() -> None:
    """No folder under tests/cases lacks the answer it is compared with."""
    bare = [path for path in CASES.glob("*/*") if path.is_dir() and path not in folders()]
    assert bare == []
