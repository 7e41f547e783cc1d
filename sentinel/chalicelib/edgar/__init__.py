"""EDGAR's addresses and formats: submissions, daily and quarterly indexes, an issuer's filings, the company file.

Pure: bytes in, typed values out; every address is the public one.
"""

from chalicelib.edgar.addresses import (
    COMPANY_FILE,
    DATA,
    NEW_YORK,
    WWW,
    IndexKind,
    company_concept_url,
    daily_index_url,
    document_url,
    eastern,
    filing_index_url,
    frames_url,
    full_index_url,
    older_page_url,
    submission_url,
    submissions_url,
)
from chalicelib.edgar.identity import core_name, equal_name, same_name, wrong_ids
from chalicelib.edgar.lists import (
    Company,
    Filing,
    IndexRow,
    Issuer,
    OlderPage,
    all_filings,
    read_company_file,
    read_index,
    read_older_page,
    read_submissions_json,
)
from chalicelib.edgar.submission import Part, Party, Submission, read_submission

__all__ = [
    "COMPANY_FILE",
    "DATA",
    "NEW_YORK",
    "WWW",
    "Company",
    "Filing",
    "IndexKind",
    "IndexRow",
    "Issuer",
    "OlderPage",
    "Part",
    "Party",
    "Submission",
    "all_filings",
    "company_concept_url",
    "core_name",
    "daily_index_url",
    "document_url",
    "eastern",
    "equal_name",
    "filing_index_url",
    "frames_url",
    "full_index_url",
    "older_page_url",
    "read_company_file",
    "read_index",
    "read_older_page",
    "read_submission",
    "read_submissions_json",
    "same_name",
    "submission_url",
    "submissions_url",
    "wrong_ids",
]
