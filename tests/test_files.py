"""Files in folders and buckets: listed in order, read by ranges, refused outside, noticed when they change."""

from __future__ import annotations

import os

import boto3
import pytest
from moto import mock_aws

from chalicelib.adapters.files import SourceFiles
from chalicelib.errors import Forbidden, Missing, UpstreamDown
from chalicelib.ports import FileInfo

BIG = bytes(range(256)) * (9 * 4096)


@pytest.fixture(params=["folder", "bucket"])
def place(request, tmp_path):
    """The files, where they lie, and how to change one."""
    names = {"b.xml": b"bb", "a/2.xml": BIG, "a/10.xml": b"10"}
    if request.param == "folder":
        root = tmp_path / "pf"

        def put(name, body):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(body)

        for name, body in names.items():
            put(name, body)
        (tmp_path / "pf-other").mkdir()
        (tmp_path / "pf-other" / "x").write_text("x")
        yield SourceFiles([str(root)], lambda: pytest.fail("no S3 here")), str(root), put
        return
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="filings")

        def put(name, body):
            s3.put_object(Bucket="filings", Key=f"pf/{name}", Body=body)

        for name, body in (names | {"a/": b"", "../pf-other/x": b"x"}).items():
            put(name, body)
        yield SourceFiles(["s3://filings/pf"], lambda: s3), "s3://filings/pf", put


def test_files_are_listed_in_order_of_address(place):
    """Each with its size; folder markers are no files, neighbours with the same beginning are not below."""
    files, root, _ = place
    found = [info for info in files.list(root) if ".." not in info.address]
    assert [(info.address, info.size) for info in found] == [
        (f"{root}/a/10.xml", 2),
        (f"{root}/a/2.xml", len(BIG)),
        (f"{root}/b.xml", 2),
    ]


def test_a_file_is_read_from_any_byte(place):
    """Whole, from the middle, from its end and beyond."""
    files, root, _ = place
    big = next(info for info in files.list(root) if info.address.endswith("2.xml"))
    for start in (0, 1, len(BIG) // 2 + 7, len(BIG) - 1, len(BIG), len(BIG) + 5):
        with files.open(big, start) as stream:
            assert stream.read(10) == BIG[start : start + 10]
            assert stream.read() == BIG[start + 10 :]


def test_a_file_that_changes_while_it_is_read_is_named(place):
    """Reading on after the change is `UpstreamDown`, not a mixture of both."""
    files, root, put = place
    big = next(info for info in files.list(root) if info.address.endswith("2.xml"))
    stream = files.open(big)
    assert stream.read(10) == BIG[:10]
    put("a/2.xml", b"other" * 100)
    with pytest.raises(UpstreamDown, match=r"2\.xml: changed"):
        stream.read()
    with pytest.raises(UpstreamDown, match="changed"):
        files.open(big).read()


def test_the_version_changes_with_the_bytes(place):
    """Another content under the same name is another version."""
    files, root, put = place
    before = {info.address: info.version for info in files.list(root)}
    put("b.xml", b"cc")
    after = {info.address: info.version for info in files.list(root)}
    assert [address for address in after if after[address] != before[address]] == [f"{root}/b.xml"]


def test_what_is_not_there_is_missing(place):
    """An empty prefix and a vanished file are named."""
    files, root, _ = place
    with pytest.raises(Missing, match="none"):
        list(files.list(f"{root}/none"))
    with pytest.raises(Missing, match="gone"):
        files.open(FileInfo(f"{root}/gone", 5, "1")).read()


@pytest.mark.parametrize("path", ["/../pf-other", "-other", "/a/../../pf-other"])
def test_nothing_outside_the_roots_is_listed_or_opened(place, path):
    """Neither by .. nor by a name that begins alike."""
    files, root, _ = place
    with pytest.raises(Forbidden):
        list(files.list(root + path))
    with pytest.raises(Forbidden):
        files.open(FileInfo(f"{root}{path}/x", 1, "1"))


def test_a_link_that_leads_out_is_listed_and_refused(tmp_path):
    """It is not passed over in silence, and not followed."""
    root = tmp_path / "pf"
    root.mkdir()
    (tmp_path / "secret").write_text("secret")
    (root / "link.xml").symlink_to(tmp_path / "secret")
    files = SourceFiles([str(root)], lambda: pytest.fail("no S3 here"))
    (info,) = files.list(str(root))
    with pytest.raises(Forbidden, match=r"link\.xml"):
        files.open(info)


def test_a_folder_we_may_not_read_is_forbidden(tmp_path):
    """Not an empty archive."""
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (tmp_path / "shut").mkdir(mode=0)
    with pytest.raises(Forbidden):
        list(SourceFiles([str(tmp_path)], lambda: pytest.fail("no S3")).list(str(tmp_path)))


def test_a_bucket_that_is_not_there_is_missing():
    """A wrong bucket name is said, not taken for an empty archive."""
    with mock_aws():
        files = SourceFiles(["s3://nowhere/pf"], lambda: boto3.client("s3", region_name="us-east-1"))
        with pytest.raises(Missing, match="NoSuchBucket"):
            list(files.list("s3://nowhere/pf"))
