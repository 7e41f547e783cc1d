"""The deployed artefact: shipped by deploy.sh to moto's server, taken back, and run by AWS's own runtime client.

A shorter form of `make rehearse`, which also plays what is not named here.
"""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "infra"))

from rehearse import Rehearsal
from scenarios import SCENARIOS

SHORT = [
    "bad-events",
    "scheduled-event",
    "manual-events",
    "chunks",
    "out-of-time",
    "crash",
    "two-at-once",
    "second-deploy",
    "destroy",
]


@pytest.fixture(scope="module")
def rehearsal():
    with Rehearsal() as made:
        yield made


@pytest.mark.parametrize("name", SHORT)
def test_the_deployed_functions_keep_the_promise(rehearsal, name):
    """Each scenario of infra/scenarios.py, whose docstring is its promise, is kept by what was uploaded."""
    SCENARIOS[name](rehearsal)
