"""The report: what it shows is the store's, safe whatever a document says, and drawn by a real browser without an error."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from bench.report import fill
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.cli import main
from chalicelib.model import Alert, Contributor, Item, Observation, Outcome, Signal, Window
from chalicelib.ports import Conclusion, Dispatch
from chalicelib.report import bonds, marks
from chalicelib.report.shown import Documents, Past, link, text
from tests.fakes.browser import CHROMIUM, Browser

HOSTILE = "</script><script>document.title='owned'</script>\u202egnp.exe\u200f<img src=x onerror=alert(1)>"
browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed: the page is not drawn")


def keep_week(store, name, lines, headline, alert=None, **more):
    """One week of bonds whose lines are (key, issuer, dollars, words, address)."""
    window = Window.parse(name)
    at = datetime(window.last.year, window.last.month, window.last.day, 22, tzinfo=UTC)
    found = [
        Observation(key, "tranche", issuer, window.last, at, usd, "USD", "high", url, words)
        for key, issuer, usd, words, url in lines
    ]
    data = {
        "lines": [
            {
                "key": key, "issuer": issuer, "priced": window.last.isoformat(), "currency": "USD", "principal": str(usd),
                "usd": str(usd), "confidence": "high", "source": url, "title": words, "coupon_pct": "4.875",
                "maturity": "2035-11-15",
            }
            for key, issuer, usd, words, url in lines
        ]
    }  # fmt: skip
    run = f"bond-issuance/{name}"
    store.complete(run, "bond-issuance", Item(run, ""), Outcome(run, "done", "", "1", 1, at), found)
    signal = Signal("bond-issuance", name, window.last, headline, "USD", Decimal(1), "high", data=data, **more)
    sent = (Dispatch(f"{run}/{alert.rule}", run, "bond-issuance", alert.rule, alert.level, alert, at, at),) if alert else ()
    store.conclude(Conclusion(run, 1, signal, at, sent))


@pytest.fixture
def store(clean_environment, tmp_path):
    made = SqliteStore(tmp_path / "sentinel.db")
    yield made
    made.close()


def page(tmp_path, *more):
    out = tmp_path / "out" / "report.html"
    assert main(["report", "--out", str(out), *more]) == 0
    return out


def block(path):
    return json.loads(re.search(r'id="data">(.*?)</script>', path.read_text("utf-8"), re.DOTALL)[1])


class Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_an_empty_store_gives_a_page_that_says_so(store, tmp_path):
    """Without any run every headline and every chart says that there is no data, and the index that it is not available."""
    written = page(tmp_path).read_text("utf-8")
    assert written.count("No data yet</p>") == 4
    assert written.count('<p class="empty">No data yet.</p>') == 4
    assert '<p class="value na">Not available</p>' in written


def test_one_point_of_history_is_shown(store, tmp_path):
    """A single week stands in headline, chart and table with its address and its words."""
    words, url = "$2,500,000,000 4.875% Senior Notes due 2035", "https://www.sec.gov/Archives/a.txt"
    keep_week(store, "2026-W46", [("k/1", "Meta", Decimal(2_500_000_000), words, url)], Decimal(2_500_000_000))
    path = page(tmp_path)
    data = block(path)
    [section] = [each for each in data["sections"] if each["chart"]["id"] == "bonds"]
    assert section["chart"]["series"][0] == {"label": "Meta", "kind": "stack", "values": [2_500_000_000]}
    assert section["table"]["rows"][0][4] == [2_500_000_000, 0]
    assert data["documents"][0] == [url, words]
    assert 'data-value="2500000000">$2.50 bn<' in path.read_text("utf-8")


def test_a_gap_of_a_year_is_not_bridged(store, tmp_path):
    """Between windows a year apart the chart has a place without values."""
    for name in ("2025-W40", "2026-W40"):
        keep_week(store, name, [(f"{name}/1", "Meta", Decimal(7), "w", "https://a.example/")], Decimal(7))
    chart = block(page(tmp_path))["sections"][0]["chart"]
    assert chart["labels"] == ["2025-W40", "", "2026-W40"]
    assert chart["series"][-2]["values"] == [7, None, 7]


def test_a_withheld_headline_says_why(store, tmp_path):
    """A headline that cannot be had is shown as not available with the reason, never as zero."""
    keep_week(store, "2026-W46", [], None, withheld="61.0% of what was due could be read <b>")
    written = page(tmp_path).read_text("utf-8")
    assert "Not available" in written
    assert "61.0% of what was due could be read &lt;b&gt;" in written
    assert block(tmp_path / "out" / "report.html")["sections"][0]["chart"]["series"][-2]["values"] == [None]


def test_a_changed_store_as_of_shows_what_was_known(store, tmp_path):
    """As of a day, later windows are not there; a day to come is refused."""
    for name in ("2026-W40", "2026-W44"):
        keep_week(store, name, [(f"{name}/1", "Meta", Decimal(7), "w", "https://a.example/")], Decimal(7))
    assert block(page(tmp_path, "--as-of", "2026-10-20"))["sections"][0]["chart"]["labels"] == ["2026-W40"]
    assert main(["report", "--out", str(tmp_path / "r.html"), "--as-of", "2999-01-01"]) == 2


def test_hostile_names_stay_text(store, tmp_path):
    """Markup, marks that turn writing round, and 500 characters in a name end no element and run nowhere."""
    lines = [
        ("k/1", HOSTILE, Decimal(2), HOSTILE, "javascript:alert(1)"),
        ("k/2", "N" * 500, Decimal(1), '"><svg onload=alert(1)>', 'https://a.example/"onmouseover="x'),
    ]
    alert = Alert("weekly-volume", "high", HOSTILE, None, Decimal(3), Decimal(1), "USD", HOSTILE)
    keep_week(store, "2026-W46", lines, Decimal(3), alert)
    path = page(tmp_path)
    written = path.read_text("utf-8")
    seen = Elements()
    seen.feed(written)
    scripts = [attributes for tag, attributes in seen.tags if tag == "script"]
    assert scripts == [{"type": "application/json", "id": "data"}, {}, {}]
    assert not [tag for tag, _ in seen.tags if tag in ("img", "svg", "iframe", "object")]
    assert "\u202e" not in written
    data = block(path)
    assert [pair[0] for pair in data["documents"]] == ["", ""]
    assert data["sections"][0]["chart"]["series"][1]["label"] == "N" * 39 + "…"


def test_a_damaged_database_is_named(clean_environment, tmp_path, capsys):
    """A corrupted SQLite file gives exit 1 and a message with its name, and no page."""
    (tmp_path / "sentinel.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 4000)
    assert main(["report", "--out", str(tmp_path / "r.html")]) == 1
    assert str(tmp_path / "sentinel.db") in capsys.readouterr().err
    assert not (tmp_path / "r.html").exists()


def test_nothing_but_the_page_s_own_code_may_run(store, tmp_path):
    """The content policy allows no source but the hashes of the two scripts and the style, which are the page's own."""
    written = page(tmp_path).read_text("utf-8")
    policy = re.search(r'Security-Policy" content="([^"]*)"', written)[1]
    codes = re.findall(r"<script>(.*?)</script>", written, re.DOTALL) + re.findall(r"<style>(.*?)</style>", written, re.DOTALL)
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'" for code in codes]
    assert policy == (
        f"default-src 'none'; script-src {hashes[0]} {hashes[1]}; style-src {hashes[2]}; base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"<(link|img|iframe)|@import|url\(", written)


def test_words_that_differ_by_their_day_alone_are_kept_once():
    """A day in a price's words is replaced by a mark, so that a thousand days are one pair."""
    documents = Documents()
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(9)]
    numbers = {documents.number("https://a.example/", f"unadjusted close of {day}", day.isoformat()) for day in days}
    assert numbers == {0}
    assert documents.pairs == [["https://a.example/", "unadjusted close of \u0001"]]


def test_text_and_addresses_are_made_safe():
    """Controls go, length is cut, and only a clean https address is a link."""
    assert text("a\x00b\u202ec\nd") == "abc d"
    assert text("x" * 100, 10) == "x" * 9 + "…"
    assert link("https://www.sec.gov/a?b=c") == "https://www.sec.gov/a?b=c"
    unsafe = ("http://a/", "javascript:x", "https://a/ b", "https://a/'", "https://www.sec.gov@a.example/", "https:///a")
    assert [link(each) for each in unsafe] == [""] * len(unsafe)


def on_screen(page, section, column):
    """The exact values in one column of a section's table."""
    cells = f"[...document.querySelectorAll('#s-{section} tbody tr')].map((row) => row.cells[{column}].dataset.value)"
    return page.run(cells)


@browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_browser_draws_it_without_an_error(clean_environment, tmp_path, width, scheme):
    """A year of all four: five charts, nothing on the console, nothing wider than the window, values on screen the store's."""
    fill(tmp_path / "sentinel.db", 1)
    path = page(tmp_path)
    with Browser(tmp_path, width, scheme) as shown:
        shown.open(path)
        assert shown.run("innerWidth") == width
        assert shown.run("document.documentElement.scrollWidth <= innerWidth")
        assert shown.run("document.querySelectorAll('canvas').length") == 5
        headlines = shown.run("Object.fromEntries([...document.querySelectorAll('.card')].map((card) => "
                              "[card.dataset.scraper, card.querySelector('.value').dataset.value]))")  # fmt: skip
        discounts, navs = (on_screen(shown, "discounts", column) for column in (2, 5))
        links = shown.run("[...document.querySelectorAll('#s-discounts td.n a')].map((each) => each.href)")
        dollars = on_screen(shown, "bonds", 6)
        assert shown.console == []
    with_values = SqliteStore(tmp_path / "sentinel.db")
    for name, headline in headlines.items():
        assert Decimal(headline) == with_values.signals(name, limit=1)[0][0].headline
    funds = with_values.signals("bdc-discount", limit=1)[0][0].data["bdcs"].values()
    assert [Decimal(each) for each in discounts] == [Decimal(fund["discount"]) for fund in funds]
    assert [Decimal(each) for each in navs] == [Decimal(fund["nav"]) for fund in funds]
    assert {fund["nav_source"] for fund in funds} <= set(links)
    kept = [line["usd"] for signal, _ in with_values.signals("bond-issuance")[::-1] for line in signal.data["lines"]]
    assert [Decimal(each) for each in dollars] == [Decimal(each) for each in kept[:200]]
    with_values.close()


TEXTS = {
    "ink": ("card", "bg", "soft"), "dim": ("card", "bg", "soft"), "link": ("card", "soft"), "good": ("goodbg", "card", "bg"),
    "warn": ("warnbg", "card"), "med": ("medbg", "card", "bg"), "bad": ("badbg", "card"),
}  # fmt: skip
LUMINANCE = """((name) => { const c = document.createElement("canvas").getContext("2d");
    c.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name); c.fillRect(0, 0, 1, 1);
    const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = [...c.getImageData(0, 0, 1, 1).data].map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; })"""


@browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(store, tmp_path, scheme):
    """Every colour of text has at least 4.5 times the luminance contrast to each ground it stands on, in both schemes."""
    path = page(tmp_path)
    with Browser(tmp_path, scheme=scheme) as shown:
        shown.open(path)
        light = {
            name: shown.run(f"{LUMINANCE}('--{name}')")
            for name in {*TEXTS, *(each for all_of in TEXTS.values() for each in all_of)}
        }
    for text_of, grounds in TEXTS.items():
        for ground in grounds:
            low, high = sorted((light[text_of], light[ground]))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (text_of, ground)


def keep_three(store):
    lines = [
        (f"k/{n}", name, Decimal(size), "w", "https://a.example/")
        for n, (name, size) in enumerate([("A", 3), ("B", 9), ("C", 5)])
    ]
    alert = Alert("weekly-volume", "medium", "much was sold", None, Decimal(17), Decimal(5), "USD", "why")
    keep_week(store, "2026-W46", lines, Decimal(17), alert)


@browser
def test_keys_and_the_mouse_tell_values_and_heads_sort(store, tmp_path):
    """End and the mouse tell the week's values and alert; a head sorts by its column, largest first, then smallest."""
    keep_three(store)
    path = page(tmp_path)
    with Browser(tmp_path) as shown:
        shown.open(path)
        shown.run("document.getElementById('c-bonds').focus()")
        shown.press("End")
        told = shown.run("document.getElementById('v-bonds').textContent")
        assert told == "2026-W46, A $3, C $5, B $9, Total $17, medium: much was sold"
        shown.press("Escape")
        assert shown.run("document.querySelector('#c-bonds .tip').hidden")
        shown.hover("#c-bonds .u-over")
        tip = shown.run("document.querySelector('#c-bonds .tip').textContent")
        assert all(words in tip for words in ("2026-W46", "B$9", "Total$17", "medium: much was sold"))
        head = "document.querySelectorAll('#s-bonds th button')[6].click()"
        for order in (["9", "5", "3"], ["3", "5", "9"]):
            shown.run(head)
            assert on_screen(shown, "bonds", 6) == order
        assert shown.console == []


@browser
def test_the_legend_switches_a_series_off_and_on(store, tmp_path):
    """An issuer switched off is not told any more, the others are; switched on again it is."""
    keep_three(store)
    path = page(tmp_path)
    with Browser(tmp_path) as shown:
        shown.open(path)
        told = []
        for _ in range(2):
            shown.run("[...document.querySelectorAll('#l-bonds button')].find((each) => each.textContent === 'B').click()")
            shown.run("document.getElementById('c-bonds').focus()")
            shown.press("End")
            told.append("B $9" in shown.run("document.getElementById('v-bonds').textContent"))
        assert told == [False, True]
        assert shown.console == []


@browser
def test_a_fund_far_from_the_others_is_named_and_can_be_fitted(clean_environment, tmp_path):
    """A fund at twice its net asset value does not flatten the chart: it is named under it, and one click fits it in."""
    fill(tmp_path / "sentinel.db", 1)
    path = page(tmp_path)
    text_of = path.read_text("utf-8")
    block_of = json.loads(re.search(r'id="data">(.*?)</script>', text_of, re.DOTALL)[1])
    thin = next(each for each in block_of["sections"][1]["chart"]["series"] if each["kind"] == "thin")
    far = json.loads(json.dumps(block_of))
    next(each for each in far["sections"][1]["chart"]["series"] if each["kind"] == "thin")["values"] = [-1.0] * len(
        thin["values"]
    )
    path.write_text(text_of.replace(re.search(r'id="data">(.*?)</script>', text_of, re.DOTALL)[1], json.dumps(far)), "utf-8")
    with Browser(tmp_path) as shown:
        shown.open(path)
        outside = "document.querySelector('#l-discounts .outside')"
        assert thin["label"] in shown.run(f"{outside}.textContent")
        shown.run(f"{outside}.querySelector('button').click()")
        assert thin["label"] not in shown.run(f"{outside}.textContent")
        assert shown.run(f"{outside}.textContent") == "Fit most funds"


@browser
def test_a_browser_runs_nothing_of_a_hostile_name(store, tmp_path):
    """A name full of markup is text in the drawn page, the title stays ours."""
    keep_week(store, "2026-W46", [("k/1", HOSTILE, Decimal(2), HOSTILE, "javascript:alert(1)")], Decimal(2))
    path = page(tmp_path)
    with Browser(tmp_path) as shown:
        shown.open(path)
        assert shown.console == []
        assert shown.run("document.title") == "Boom-Bust Sentinel"
        assert shown.run("document.querySelectorAll('img, iframe, a[href^=javascript]').length") == 0


def test_a_headline_of_an_old_period_is_called_old(store, tmp_path):
    """A week's headline a year old carries its age and the word."""
    keep_week(store, "2025-W46", [], Decimal(0))
    written = page(tmp_path).read_text("utf-8")
    assert re.search(r'<li class="old"><b>2025-W46</b> \d+ days old · old</li>', written)


def test_the_same_alert_is_a_mark_at_its_window(store, tmp_path):
    """An alert stands at its window in the chart, with level and words; its headline card carries the level."""
    alert = Alert("weekly-volume", "medium", "much was sold", None, Decimal(9), Decimal(5), "USD", "why")
    keep_week(store, "2026-W45", [], Decimal(1))
    keep_week(store, "2026-W46", [], Decimal(9), replace(alert))
    path = page(tmp_path)
    assert block(path)["sections"][0]["chart"]["alerts"] == [{"at": 1, "level": "medium", "words": "much was sold"}]
    assert 'class="card medium" data-scraper="bond-issuance"' in path.read_text("utf-8")


def test_alerts_stand_in_a_table_with_what_moved(store, tmp_path):
    """Each alert is a row: period, level, words, after, threshold and the largest part with its document."""
    part = Contributor("Meta", Decimal(9), "https://www.sec.gov/a")
    alert = Alert("weekly-volume", "medium", "much was sold", Decimal(2), Decimal(9), Decimal(5), "USD", "why", (part,))
    keep_week(store, "2026-W46", [], Decimal(9), alert)
    data = block(page(tmp_path))
    number = data["documents"].index(["https://www.sec.gov/a", "Meta"])
    assert data["alerts"]["rows"] == [
        ["2026-W46", "Tech bond issuance", "medium", "much was sold", "$2", ["$9", number], "$5", ["Meta", number]]
    ]


def test_a_fall_stands_in_the_row_of_its_mark(store):
    """A fund that fell is one row: its mark, and beside it what it was before, the change, the flow and the mark."""
    window = Window.parse("2026Q2")
    at = datetime(2026, 8, 20, tzinfo=UTC)
    fall = {"name": "Fund", "now": "80", "before": "100", "change": "-0.2", "net_change": "-0.25", "flow": "-5", "mark": "-15",
            "document": "https://a.example/"}  # fmt: skip
    data = {"source": "n-port", "basis": "quarterly", "proxy": {"n-port": {"label": "open proxy", "fallen": [fall]}}}
    signal = Signal("credit-fund", "2026Q2", window.last, Decimal("-0.2"), "ratio", Decimal(1), "high", data=data)
    mark = Observation("k", "n-port", "Fund", window.last, at, Decimal(80), "USD", "high", "https://a.example/", "totAssets 80")
    drawn = marks.section(Past("credit-fund", "quarter", [(signal, at)], {}, {}), [mark], Documents())
    assert drawn["table"]["rows"] == [["2026Q2", "Fund", "n-port", [80, 0], 100, -0.2, -0.25, -5, -15, "high", 0]]


def test_documents_of_rows_that_are_left_out_are_not_carried(store, tmp_path, monkeypatch):
    """Beyond the most rows the page says how many are left to the export, and holds neither them nor their addresses."""
    monkeypatch.setattr(bonds, "MOST_ROWS", 2)
    lines = [(f"k/{n}", "Meta", Decimal(n + 1), f"words {n}", f"https://a.example/{n}") for n in range(5)]
    keep_week(store, "2026-W46", lines, Decimal(15))
    data = block(page(tmp_path))
    assert [pair[1] for pair in data["documents"]] == ["words 0", "words 1"]
    table = data["sections"][0]["table"]
    assert (len(table["rows"]), table["note"]) == (2, "The oldest 3 tranches are in the export.")


def test_a_quarterly_funds_mark_stands_beside_the_one_before():
    """A quarterly filer's row gives its assets a quarter earlier and the changes; an annual filer's gives none."""

    def mark(name, quarter, gross, net, frequency):
        window = Window.parse(quarter)
        detail = {"fund_id": name, "frequency": frequency, "amounts": {"net_asset_value": str(net)}}
        at = datetime(2026, 9, 1, tzinfo=UTC)
        return Observation(f"{name}/{quarter}", "bdc", name, window.last, at, Decimal(gross), "USD", "high", "", "", None, detail)

    read = [
        mark("Q", "2026Q1", 200, 120, "quarterly"),
        mark("Q", "2026Q2", 190, 117, "quarterly"),
        mark("A", "2026Q1", 100, 60, "annual"),
        mark("A", "2026Q2", 50, 30, "annual"),
    ]
    drawn = marks.section(Past("credit-fund", "quarter", [], {}, {}), read, Documents())
    found = {(row[0], row[1]): row[4:7] for row in drawn["table"]["rows"]}
    assert found["2026Q2", "Q"] == [200, -0.05, -0.025]
    assert found["2026Q1", "Q"] == found["2026Q2", "A"] == [None, None, None]
