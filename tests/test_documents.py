"""The cache of raw documents: by content, traceable by address, never a reason to fail."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from moto import mock_aws

from chalicelib.adapters.documents import BucketShelf, Documents, FolderShelf
from chalicelib.ports import Document

URL = "https://www.sec.gov/a.json"
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture(params=["folder", "bucket"])
def shelf(request, tmp_path):
    if request.param == "folder":
        yield FolderShelf(str(tmp_path / "kept"))
        return
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="documents")
        yield BucketShelf("documents", lambda: s3)


def document(body, at=NOW, url=URL):
    return Document(url, body, "application/json", hashlib.sha256(body).hexdigest(), at)


def test_what_is_kept_is_found_with_its_validators(shelf):
    """Bytes, type, time and ETag come back as they were given."""
    kept = Documents(shelf, pytest.fail)
    assert kept.find(URL) is None
    kept.keep(URL, document(b"one"), {"etag": '"1"'})
    assert Documents(shelf, pytest.fail).find(URL) == (document(b"one"), {"etag": '"1"', "last_modified": ""})


def test_every_version_of_an_address_stays(shelf):
    """A changed document is a new version; the older one's bytes can still be read by their name."""
    kept = Documents(shelf, pytest.fail)
    for hours, body in enumerate((b"one", b"one", b"two")):
        kept.keep(URL, document(body, NOW + timedelta(hours=hours)), {"etag": str(hours)})
    versions = kept.versions(URL)
    assert [(v["etag"], v["fetched_at"]) for v in versions] == [
        ("1", "2026-11-23T08:00:00+00:00"),
        ("2", "2026-11-23T10:00:00+00:00"),
    ]
    assert kept.read(versions[0]["sha256"]) == b"one"
    assert kept.find(URL)[0].body == b"two"


def test_damaged_bytes_count_as_absent(shelf):
    """What no longer has its own name is not given out."""
    kept = Documents(shelf, pytest.fail)
    one = document(b"one")
    kept.keep(URL, one, {})
    shelf.write(f"objects/{one.sha256[:2]}/{one.sha256}", b"two")
    assert kept.find(URL) is None


@pytest.mark.parametrize("record", [b"", b"{", b"[]", b'{"versions": [{"sha256": "../../etc/passwd"}]}', b'{"versions": [1]}'])
def test_a_damaged_record_counts_as_absent(shelf, record):
    """A record that is cut or made up gives nothing, and is replaced."""
    kept = Documents(shelf, pytest.fail)
    digest = hashlib.sha256(URL.encode()).hexdigest()
    shelf.write(f"addresses/{digest[:2]}/{digest}.json", record)
    assert kept.find(URL) is None
    kept.keep(URL, document(b"one"), {})
    assert kept.find(URL)[0].body == b"one"


def test_a_full_disk_is_told_of_once_and_leaves_no_part(tmp_path):
    """/dev/full refuses every byte; nothing is raised, nothing half-written stays."""
    if not os.path.exists("/dev/full"):  # noqa: PTH110 -- a device
        pytest.skip("no /dev/full here")
    told = []

    class Full(FolderShelf):
        def write(self, name, body):
            with open("/dev/full", "wb") as full:  # noqa: PTH123 -- a device
                full.write(body)

    kept = Documents(Full(str(tmp_path)), told.append)
    kept.keep(URL, document(b"one"), {})
    kept.keep(URL, document(b"two"), {})
    assert len(told) == 1
    assert "No space left" in told[0]
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_half_way_leaves_the_old_bytes(tmp_path):
    """The name is replaced in one step: a folder in its place refuses, and the part is removed."""
    shelf = FolderShelf(str(tmp_path))
    (tmp_path / "objects" / "name").mkdir(parents=True)
    with pytest.raises(OSError):
        shelf.write("objects/name", b"x")
    assert [path.name for path in (tmp_path / "objects").iterdir()] == ["name"]


def test_a_bucket_that_is_not_there_is_told_of_once():
    """A wrong bucket costs a warning, not the run."""
    told = []
    with mock_aws():
        kept = Documents(BucketShelf("nowhere", lambda: boto3.client("s3", region_name="us-east-1")), told.append)
        assert kept.find(URL) is None
        kept.keep(URL, document(b"one"), {})
    assert len(told) == 1
    assert "NoSuchBucket" in told[0]
