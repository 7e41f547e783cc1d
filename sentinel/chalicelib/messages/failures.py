"""What the operators are told: what failed, how often, what is known of it, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.messages.alert import SUBJECT_MOST, Document, Message, short
from chalicelib.messages.words import ascii_only, clean, safe_link
from chalicelib.model import Json
from chalicelib.ports import Trouble

WORDS_MOST = 500
"""Characters told of one failure."""
_DETAILS = 8
_DOCUMENTS = 5
_KINDS: Mapping[Trouble, tuple[str, str]] = {
    "run-failed": ("Run failed", "find the execution id in the log for the trace; a later run goes on where this one stopped"),
    "nothing-published": ("Nothing published", "see `status` for what was not read; run it again once the source is well"),
    "shape-changed": (
        "Document not read",
        "look at the document: a new shape must be taught to the reader; till then it counts as not read and is tried again",
    ),
    "data-too-old": ("Data too old", "see `status` for the last runs, and whether the schedule still starts them"),
    "channel-failed": ("Alert channel failed", "the alert is kept and sent again by the next run; check the channel"),
    "alert-given-up": ("Alert given up", "tell its readers by hand: it is not sent to that channel any more"),
    "no-channel": ("No alert channel", "set SNS_TOPIC_ARN or the secret webhook-urls; alerts are kept till then"),
    "webhook-refused": ("Alert channel refused", "correct the secret webhook-urls; the other channels work"),
    "secret-refused": (
        "Secret or permission refused",
        "correct the secret or the policy; a secret is read again without a deploy",
    ),
    "copy-delayed": ("SQL copy waits", "check the database and the secret database-config; the next run copies what is missing"),
}
"""Each kind's name for a reader, and what to do about it."""


def failure(
    kind: Trouble, said: Sequence[str], detail: Mapping[str, Json], at: datetime, count: int = 1, of: int | None = None
) -> Message:
    """One message for `count` failures of a kind; `said` are their different words, the latest first, `of` how many there are.

    `detail` is known of the latest; its `documents` are objects of `name`, `words` and `url`.
    """
    title, advice = _KINDS[kind]
    times = f" ({count})" if count > 1 else ""
    identity = f"operator/{kind}/{at:%Y%m%dT%H%M%SZ}"
    words = [clean(each, WORDS_MOST) for each in said]
    facts = [("What", words[0]), *(("Also", each) for each in words[1:])]
    if (more := (of or len(said)) - len(said)) > 0:
        facts.append(("Also", f"{more} more like these"))
    if count > 1:
        facts.append(("How many", f"{count} since this was last told"))
    facts += [("When", f"{at:%Y-%m-%d %H:%M:%S} UTC"), ("What to do", advice)]
    plain = {name: value for name, value in detail.items() if name not in ("documents", "run_id")}
    facts += [(_named(name), clean(str(value), 300)) for name, value in list(plain.items())[:_DETAILS]]
    run_id = detail.get("run_id")
    return Message(
        id=identity,
        kind="operator",
        level="operator",
        subject=ascii_only(f"[OPERATOR] {title}{times}: {words[0]}", SUBJECT_MOST),
        first=f"OPERATOR: {title}{times}: {clean(words[0], 200)}",
        facts=tuple(facts),
        sms=short(f"OPERATOR {title}{times}: {words[0]}", identity),
        documents=_documents(detail.get("documents")),
        documents_are="Documents",
        run_id=run_id if isinstance(run_id, str) else "",
        attributes={"kind": "operator", "failure": kind, "dispatch_id": identity},
        data={"id": identity, "kind": "operator", "failure": kind, "words": words[0], "count": count, "detail": dict(detail)},
    )


def _documents(given: Json) -> tuple[Document, ...]:
    listed = given if isinstance(given, list | tuple) else []
    told = [each for each in listed if isinstance(each, Mapping)][:_DOCUMENTS]
    return tuple(
        Document(clean(str(each["name"])) or "unnamed", clean(str(each["words"]), 300), safe_link(str(each["url"])))
        for each in told
    )


def _named(name: str) -> str:
    """`execution_id` as a reader's label: `Execution id`."""
    return clean(name, 40).replace("_", " ").capitalize()
