"""What can go wrong, each kind with the status code that answers it and whether trying again may help."""

from __future__ import annotations


class SentinelError(Exception):
    """Our fault unless a subclass says otherwise. `status` is the answer's code; `passing`: the same call may succeed later."""

    status = 500
    passing = False


class BadEvent(SentinelError):
    """The event, the command line or a setting asks for something we do not understand."""

    status = 400


class Forbidden(SentinelError):
    """A supplier refused us for good: missing permission, missing or wrong credential."""

    status = 403


class Missing(SentinelError):
    """A resource that must exist does not: a table, a secret, a document."""

    status = 404


class OutOfTime(SentinelError):
    """The deadline has come. What is stored stays; the rest is for the continuation."""

    status = 408


class UpstreamDown(SentinelError):
    """A supplier is throttling, failing or unreachable: nothing is wrong with the document, ask again later."""

    status = 503
    passing = True

    def __init__(self, words: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(words)
        self.retry_after_s = retry_after_s


class Unreadable(SentinelError):
    """A document is not what it should be, or says something we do not understand: park it with the evidence.

    `where` names the place (a byte offset, a line, an element), `evidence` holds the document's own words.
    """

    status = 500

    def __init__(self, words: str, *, where: str = "", evidence: str = "") -> None:
        super().__init__(f"{words} at {where}" if where else words)
        self.where = where
        self.evidence = evidence[:2000]
