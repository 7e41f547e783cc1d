"""A prospectus made to be slow costs no more than its length."""

import time

import pytest

from chalicelib.scrapers.bond_issuance import deal

_COVER = b"<html><body><p>PROSPECTUS SUPPLEMENT</p><p>$500,000,000 Acme 4.5% Notes due 2030</p>"


@pytest.mark.parametrize(
    "unit", [b"matures 2030 ", b"<!-- a ", b'<a b="', b"notes due ", b"4.5% notes due 2030 ", b"<p>matures on May 1, 2030"]
)
def test_ten_times_the_length_costs_about_ten_times_the_time(unit) -> None:
    """Repeated words that readers search for are not searched over and over."""

    def spent(size: int) -> float:
        body = (
            b"<DOCUMENT>\n<TYPE>424B2\n<SEQUENCE>1\n<TEXT>\n" + _COVER + unit * (size // len(unit)) + b"\n</TEXT>\n</DOCUMENT>\n"
        )
        start = time.process_time()
        deal.read(body)
        return time.process_time() - start

    spent(100_000)
    assert spent(4_000_000) < 25 * max(spent(400_000), 0.02)
