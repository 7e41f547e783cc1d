"""The environment: what is set is taken, what nobody can mean is refused by the name of its variable."""

import pytest

from chalicelib.errors import BadEvent
from chalicelib.settings import Settings


def test_an_empty_environment_gives_the_defaults():
    """Nothing set: the dev stage, EDGAR's public addresses, 8 requests a second there and 4 elsewhere."""
    read = Settings.read({})
    assert read == Settings()
    assert (read.stage, read.max_rps, read.other_rps, read.sec_www) == ("dev", 8, 4, "https://www.sec.gov")


def test_what_is_set_is_taken():
    """`production` is prod; rates are numbers; an address loses its last slash; an empty value is none."""
    read = Settings.read({"STAGE": "production", "OTHER_MAX_RPS": "2", "SEC_WWW_BASE": "https://e.example/", "SNS_TOPIC_ARN": ""})
    assert (read.stage, read.other_rps, read.sec_www, read.topic) == ("prod", 2, "https://e.example", None)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("STAGE", "dev/x", "expected one of dev, staging, prod"),
        ("LOG_LEVEL", "LOUD", "expected one of DEBUG"),
        ("SEC_MAX_RPS", "11", "expected 1 to 10"),
        ("SEC_MAX_RPS", "many", "expected a number"),
        ("OTHER_MAX_RPS", "0", "expected 1 to 10"),
        ("OTHER_MAX_RPS", "nan", "expected 1 to 10"),
        ("RESERVE_S", "-1", "expected 0 to 300"),
        ("SEC_DATA_BASE", "http://data.example", "expected an https address"),
        ("ROUTES", "{", "expected a JSON object"),
        ("ROUTES", '{"https://a.example": "https://b.example"}', "only loopback addresses"),
    ],
)
def test_a_bad_value_is_refused_by_name(name, value, words):
    """The error names the variable, and says what was expected."""
    with pytest.raises(BadEvent, match=name) as refused:
        Settings.read({name: value})
    assert words in str(refused.value)


def test_only_loopback_servers_are_asked_faster():
    """With every address of EDGAR's, or every other host, on loopback the limits are a test's own."""
    bases = {"SEC_WWW_BASE": "http://127.0.0.1:1", "SEC_DATA_BASE": "http://127.0.0.1:1"}
    assert Settings.read({**bases, "SEC_MAX_RPS": "500"}).max_rps == 500
    assert Settings.read({"ROUTES": '{"https://a.example": "http://127.0.0.1:1"}', "OTHER_MAX_RPS": "500"}).other_rps == 500
    with pytest.raises(BadEvent):
        Settings.read({"SEC_WWW_BASE": "http://127.0.0.1:1", "SEC_MAX_RPS": "500"})
