"""Filed documents become plain text whose every word leads back to its byte."""

import time

from chalicelib import markup


def read(source: str) -> str:
    return markup.flatten(source).text


def test_cells_and_rows_keep_their_order() -> None:
    """A table row is one line with a tab behind each cell, whatever blocks stand inside a cell."""
    text = read("<html><table><tr><td><p>Per 2028</p><p>Note</p></td><td>99.9</td><td>%</td></tr><tr><td>Total</td></tr></table>")
    assert [line.strip() for line in text.split("\n") if line.strip()] == ["Per 2028 Note \t99.9\t%", "Total"]


def test_raised_figures_do_not_run_into_the_figure_before() -> None:
    """4<sup>3</sup>/<sub>8</sub>% is four and three eighths, never forty-three eighths."""
    assert "4 3" in read("<p>4<sup>3</sup>/<sub>8</sub>% Notes</p>")
    assert "43" not in read("<p>4<sup>3</sup>/<sub>8</sub>% Notes</p>")


def test_what_a_reader_does_not_see_is_not_read() -> None:
    """Comments, scripts, styles and hidden inline XBRL give no text, and a `>` inside an attribute ends nothing."""
    source = "<html><!-- <p>$1</p> --><script>a>b</script><ix:header><b>$2</b></ix:header><p title='a > b'>seen</p></html>"
    assert read(source).strip() == "seen"


def test_accents_and_entities_come_out_in_either_encoding() -> None:
    """A euro sign is one sign as UTF-8, as Windows byte, as name and as number; no entity is resolved elsewhere."""
    for written in ("€".encode(), b"\x80", b"&euro;", b"&#8364;", b"&#128;"):
        assert markup.flatten(markup.decode(b"<p>" + written + b"5</p>")).text.strip() == "€5"
    assert read('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><p>&x;</p>').strip().endswith("&x;")


def test_every_word_leads_back_to_its_byte() -> None:
    """The offset of a word is where it stands in the source, behind tags and entities too."""
    source = "<html><body><p>&#8220;Notes&#8221; of&nbsp;<b>Acme</b> due <i>2030</i></p></body></html>"
    text = markup.flatten(source)
    for word in ("Notes", "Acme", "due", "2030"):
        at = text.offset(text.text.index(word))
        assert source[at : at + len(word)] == word


def test_plain_text_columns_become_cells() -> None:
    """Runs of blanks and dot leaders part cells; SGML marks of old tables vanish; preformatted HTML counts as plain."""
    plain = "<PAGE>  2\n<TABLE>\n<S>          <C>\nPer Note.........   99.250%     .650%\n</TABLE>\n"
    assert "Per Note\t99.250%\t.650%" in read(plain)
    assert "Per Note\t99.250%\t.650%" in read(f"<html><body><pre>{plain}</pre></body></html>")


def test_hostile_markup_costs_no_more_than_its_length() -> None:
    """Open comments, open quotes and lone brackets by the hundred thousand take time in proportion, not its square."""

    def spent(times: int) -> float:
        source = "<p>" + "<!-- <a b=\"c <d e='f " * times
        start = time.process_time()
        markup.flatten(source)
        return time.process_time() - start

    spent(1000)
    assert spent(40_000) < 12 * max(spent(10_000), 0.005)
