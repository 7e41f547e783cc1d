"""What a week's discovery finds, says and refuses, over a small EDGAR written in its own formats."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from fakes.folder_web import SAMPLE, Archive, FolderWeb

from chalicelib import edgar
from chalicelib.errors import Missing, Unreadable, UpstreamDown
from chalicelib.model import Item, Notice, Window
from chalicelib.scrapers import bond_issuance
from chalicelib.scrapers.bond_issuance import discovery, watchlist

W44, W45 = Window.parse("2025-W44"), Window.parse("2025-W45")
META, ALPHABET = 1326801, 1652044


def kept(url: str) -> bytes:
    return (SAMPLE / url.removeprefix("https://")).read_bytes()


def found(window: Window, archive: Archive, watched=None) -> tuple[list[Item], list[Notice]]:
    planned = list(discovery.discover(window, archive, watched))
    return [each for each in planned if isinstance(each, Item)], [each for each in planned if isinstance(each, Notice)]


def only(*ciks: int) -> list[watchlist.Watched]:
    return [each for each in watchlist.issuers() if each.cik in ciks]


def test_week_finds_what_was_filed_until_four_business_days_after_it() -> None:
    """A final accepted on Friday evening and filed on Monday is found with the week it was priced in; Veterans Day is no gap."""
    items, notices = found(W44, Archive())
    assert notices == []
    assert {item.key for item in items if item.detail["cik"] == META} == {
        "0001193125-25-257437",
        "0001193125-25-258837",
        "0001193125-25-261217",
    }
    assert max(item.detail["filed"] for item in items) == "2025-11-05"
    assert all(item.replaces for item in items)
    final = next(item for item in items if item.key == "0001193125-25-261217")
    assert final.url == edgar.submission_url(META, final.key)
    assert found(W45, Archive())[1] == []


def test_index_of_today_may_still_be_missing_and_of_a_past_business_day_not() -> None:
    """Before the evening today's index is not there, which is normal; a past business day without one stops the run."""
    monday = edgar.daily_index_url("form", date(2025, 11, 3))
    early = Archive(FolderWeb(changed={monday: None}), datetime(2025, 11, 3, 13, tzinfo=UTC))
    items, notices = found(W44, early)
    assert (len(items), notices) == (6, [])
    late = replace(early, at=datetime(2025, 11, 4, 13, tzinfo=UTC))
    with pytest.raises(UpstreamDown, match="2025-11-03"):
        found(W44, late)


def test_discovery_never_reads_past_today() -> None:
    """Indexes of days to come are not asked for."""
    archive = Archive(at=datetime(2025, 10, 29, 13, tzinfo=UTC))
    items, _ = found(W44, archive)
    assert items == []
    assert max(url for url in archive.web.asked if "daily-index" in url).endswith("form.20251029.idx")


def test_filing_only_in_the_index_is_kept_and_told() -> None:
    """What the issuer's own list lacks is read all the same, and the disagreement is said."""
    url = edgar.submissions_url(META)
    listed = json.loads(kept(url))
    for column in listed["filings"]["recent"].values():
        del column[0]
    items, notices = found(W44, Archive(FolderWeb(changed={url: json.dumps(listed).encode()})), only(META))
    assert "0001193125-25-261217" in {item.key for item in items}
    assert [(notice.kind, "0001193125-25-261217" in notice.words) for notice in notices] == [("disagreement", True)]


def test_filing_only_in_the_issuers_list_is_kept_and_told() -> None:
    """What the daily index lacks is read all the same, and the disagreement is said."""
    url = edgar.daily_index_url("form", date(2025, 11, 3))
    thinned = b"\n".join(line for line in kept(url).split(b"\n") if b"261217" not in line)
    items, notices = found(W44, Archive(FolderWeb(changed={url: thinned})), only(META))
    assert "0001193125-25-261217" in {item.key for item in items}
    assert [notice.kind for notice in notices] == ["disagreement"]
    assert "not in the daily index of 2025-11-03" in notices[0].words


def test_older_pages_are_read_when_the_newest_do_not_reach_back() -> None:
    """An issuer with a thousand newer filings hides none: the older page of the week is read too."""
    url, page = edgar.submissions_url(META), "CIK0001326801-submissions-001.json"
    listed = json.loads(kept(url))
    older = listed["filings"]["recent"]
    listed["filings"] = {
        "recent": {name: [] for name in older},
        "files": [{"name": page, "filingCount": 3, "filingFrom": "2025-01-01", "filingTo": "2025-11-03"}],
    }
    changed = {url: json.dumps(listed).encode(), edgar.older_page_url(page): json.dumps(older).encode()}
    items, notices = found(W44, Archive(FolderWeb(changed=changed)), only(META))
    assert (len(items), notices) == (3, [])


def test_filing_of_two_watched_issuers_is_one_item() -> None:
    """A filing that stands in the index under two watched issuers is read once, and nobody disagrees."""
    url = edgar.daily_index_url("form", date(2025, 11, 3))
    row = next(line for line in kept(url).split(b"\n") if b"261217" in line)
    twin = row.replace(b"Meta Platforms, Inc.", b"Alphabet Inc.       ").replace(b"1326801", b"1652044")
    items, notices = found(W44, Archive(FolderWeb(changed={url: kept(url) + twin + b"\n"})))
    assert [item.key for item in items].count("0001193125-25-261217") == 1
    assert notices == []
    assert next(item for item in items if item.key == "0001193125-25-261217").detail["issuer"] == "Alphabet Inc."


def test_wrong_id_is_told_and_its_filings_are_parked() -> None:
    """An id of another company is named, its filings are not read as the watched issuer's."""
    wrong = [replace(only(META)[0], cik=ALPHABET)]
    items, notices = found(W45, Archive(), wrong)
    assert [notice.kind for notice in notices] == ["wrong-id"]
    assert "CIK 1652044 is Alphabet Inc., not Meta Platforms, Inc." in notices[0].words
    assert items
    with pytest.raises(Unreadable, match="id is in doubt"):
        list(bond_issuance.read(items[0], Archive()))


def test_ids_of_no_company_and_of_another_ticker_are_wrong() -> None:
    """An id that is not in the company file, and a ticker that is another company's, are both wrong."""
    meta = only(META)[0]
    listed = [edgar.Company(META, "Meta Platforms, Inc.", "FB", "Nasdaq"), edgar.Company(9, "Metal Corp", "META", "NYSE")]
    assert "ticker META is CIK 9" in edgar.wrong_ids([meta], listed)[META]
    assert "not in EDGAR's company file" in edgar.wrong_ids([meta], listed[1:])[META]
    assert edgar.wrong_ids([meta], [edgar.Company(META, "META PLATFORMS INC", "META", "Nasdaq")]) == {}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("AMAZON COM INC", "Amazon.com, Inc.", True),
        ("QUALCOMM INC/DE", "Qualcomm Incorporated", True),
        ("INTERNATIONAL BUSINESS MACHINES CORP", "International Business Machines Corporation", True),
        ("TE Connectivity plc", "TE Connectivity Ltd.", True),
        ("CITIGROUP INC", "WELLS FARGO & COMPANY/MN", False),
        ("VISA INC.", "KKR & Co. Inc.", False),
        ("JOHNSON & JOHNSON", "CITIGROUP INC", False),
        ("", "Apple Inc.", False),
    ],
)
def test_names_are_compared_without_legal_form(one: str, other: str, same: bool) -> None:
    """A company is known by its name whatever its legal form, case or punctuation; another is not."""
    assert edgar.same_name(one, other) is same


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html><body>Service Unavailable</body></html>", "HTML page"),
        (kept(edgar.daily_index_url("form", date(2025, 10, 30)))[:-40], "cut off"),
    ],
)
def test_damaged_index_stops_discovery_with_its_day(body: bytes, words: str) -> None:
    """A page or half an index where a day's index was due is an error that names the day, not a day without filings."""
    url = edgar.daily_index_url("form", date(2025, 10, 30))
    with pytest.raises(Unreadable, match="daily index of 2025-10-30") as refused:
        found(W44, Archive(FolderWeb(changed={url: body})))
    assert words in str(refused.value)


def test_header_of_another_company_is_parked() -> None:
    """A filing whose header names another company than the watch list is not read, with both names in the evidence."""
    item = next(each for each in found(W44, Archive())[0] if each.key == "0001193125-25-261217")
    other = kept(item.url).replace(b"Meta Platforms, Inc.", b"Metro Pacific Holdings")
    with pytest.raises(Unreadable, match="Metro Pacific Holdings in the filing"):
        list(bond_issuance.read(item, Archive(FolderWeb(changed={item.url: other}))))


def test_former_name_in_an_old_header_is_the_same_company() -> None:
    """A filing made under a name the issuer has since given up is read."""
    item = next(each for each in found(W44, Archive())[0] if each.key == "0001193125-25-261217")
    old = kept(item.url).replace(b"NAME:\t\t\tMeta Platforms, Inc.", b"NAME:\t\t\tFACEBOOK INC")
    renamed = replace(item, detail={**item.detail, "former_names": ["Facebook Inc"]})
    read = list(bond_issuance.read(renamed, Archive(FolderWeb(changed={item.url: old}))))
    assert len(read) == 7


def test_watch_list_is_whole() -> None:
    """The bundled list has every issuer once, with a reason and its day; the high-yield ones are watched only."""
    listed = watchlist.issuers()
    assert len(listed) == 47
    assert {each.ticker for each in listed if each.grade == "speculative"} == {"CRWV", "APLD", "IREN", "SMCI"}
    assert all(each.reason and each.as_of <= date(2026, 11, 23) for each in listed)
    with pytest.raises(Unreadable, match="twice"):
        watchlist.parse(json.dumps({"issuers": [entry(1), entry(1)]}))
    with pytest.raises(Unreadable, match=r"issuers\[0\]|grade"):
        watchlist.parse(json.dumps({"issuers": [entry(1) | {"grade": "maybe"}]}))


def entry(cik: int) -> dict:
    return {
        "cik": cik,
        "ticker": "A",
        "name": "A",
        "from": "2020-01-01",
        "to": None,
        "grade": "investment",
        "reason": "r",
        "as_of": "2025-01-01",
    }


def test_missing_company_file_stops_discovery() -> None:
    """Without the company file no id can be checked, so nothing is found rather than found unchecked."""
    with pytest.raises(Missing):
        found(W44, Archive(FolderWeb(changed={edgar.COMPANY_FILE: None})))
