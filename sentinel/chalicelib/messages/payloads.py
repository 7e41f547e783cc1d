"""The shapes Slack, Teams, Telegram, Discord, Amazon SNS and a generic receiver want, each inside its limits.

Names from documents can neither mention anybody, nor forge a link, nor format: each channel's markup is escaped or not used.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence

from chalicelib.messages.alert import Message
from chalicelib.model import Json

_COLOURS = {"high": 0xC62828, "medium": 0xEF6C00, "alert": 0xF9A825, "resolved": 0x2E7D32, "operator": 0x6A1B9A}
_TEAMS_COLOURS = {"high": "attention", "medium": "warning", "alert": "warning", "resolved": "good", "operator": "attention"}
_TELEGRAM_MOST = 4096
_TEAMS_MOST = 20_000
"""Bytes of a card's facts and documents; Teams refuses a message above 28 KB, escapes counted."""
_DISCORD_MOST = 6000
_SNS_MOST = 262_144
_DISCORD_MARKS = re.compile(r"([\\*_~`|>\[\]()#@<:-])")


def slack(message: Message) -> Mapping[str, Json]:
    """Block Kit: a header (150 characters), facts in sections of ten fields, contributors, ids. `text` is the notification."""
    blocks: list[Json] = [{"type": "header", "text": {"type": "plain_text", "text": _header(message.first), "emoji": False}}]
    for start in range(0, len(message.facts), 10):
        fields: list[Json] = [
            _mrkdwn(_cut(f"*{_slack(name)}*\n{_slack(value)}", 1900)) for name, value in message.facts[start : start + 10]
        ]
        blocks.append({"type": "section", "fields": fields})
    if message.documents:
        lines = [
            f"• {f'<{each.address}|{_slack(each.name)}>' if each.address else _slack(each.name)}: {_slack(each.amount)}"
            for each in message.documents
        ]
        blocks.append({"type": "section", "text": _mrkdwn(f"*{message.documents_are}*\n" + _fitting(lines, 2900))})
    blocks.append({"type": "context", "elements": [_mrkdwn(_slack(_cut(line, 1900))) for line in message.foot]})
    return {"text": _slack(_cut(message.first, 300)), "blocks": blocks, "unfurl_links": False}


def teams(message: Message) -> Mapping[str, Json]:
    """An Adaptive Card 1.4; text stands in rich text runs, which read no Markdown."""
    head = _runs([_run(message.first, weight="bolder", size="medium", color=_TEAMS_COLOURS[message.level])])
    body = [_runs([_run(f"{name}: ", weight="bolder"), _run(value)]) for name, value in message.facts]
    if message.documents:
        body.append(_runs([_run(message.documents_are, weight="bolder")]))
        for each in message.documents:
            name = _run(each.name)
            if each.address:
                name = {**name, "selectAction": {"type": "Action.OpenUrl", "url": each.address}, "underline": True}
            body.append(_runs([name, _run(f": {each.amount}")]))
    foot = [_runs([_run(line, isSubtle=True, size="small")]) for line in message.foot]
    whole: list[Json] = [head, *_fitting_blocks(body, _TEAMS_MOST), *foot]
    card: dict[str, Json] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": message.first,
        "msteams": {"width": "Full"},
        "body": whole,
    }
    attachment: Json = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def telegram(message: Message, chat_id: str) -> Mapping[str, Json]:
    """`sendMessage` in Telegram's HTML, at most 4096 characters, ids always inside."""
    head = [f"<b>{_html(_cut(message.first, 400))}</b>", ""]
    lines = [f"<b>{_html(name)}:</b> {_html(value)}" for name, value in message.facts]
    if message.documents:
        lines += ["", f"<b>{message.documents_are}</b>"]
    for each in message.documents:
        name = f'<a href="{html.escape(each.address)}">{_html(each.name)}</a>' if each.address else _html(each.name)
        lines.append(f"• {name}: {_html(each.amount)}")
    foot = ["", *(_html(line) for line in message.foot)]
    fixed = len("\n".join([*head, *foot]).encode("utf-16-le")) // 2
    text = "\n".join([*head, _fitting(lines, _TELEGRAM_MOST - fixed - 2), *foot])
    return {"chat_id": chat_id, "text": text, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}


def discord(message: Message) -> Mapping[str, Json]:
    """One embed, at most 6000 characters in all, that mentions nobody."""
    fields: list[Json] = []
    foot = _cut(" · ".join(message.foot), 1000)
    left = _DISCORD_MOST - 256 - len(foot) - 1100
    for name, value in message.facts[:20]:
        shown, said = _discord(name, 250), _discord(value, 1000) or "-"
        left -= len(shown) + len(said)
        if left > 0:
            fields.append({"name": shown, "value": said, "inline": len(value) < 40})
    if message.documents:
        lines = [
            f"- {f'[{_discord(each.name, 160)}]({each.address})' if each.address else _discord(each.name, 160)}: "
            f"{_discord(each.amount, 80)}"
            for each in message.documents
        ]
        fields.append({"name": message.documents_are, "value": _fitting(lines, 1000), "inline": False})
    embed: dict[str, Json] = {
        "title": _discord(message.first, 250),
        "color": _COLOURS[message.level],
        "fields": fields,
        "footer": {"text": foot},
    }
    return {"embeds": [embed], "allowed_mentions": {"parse": []}}


def generic(message: Message) -> Mapping[str, Json]:
    """The message's data for machines with the words a person would read."""
    return {**message.data, "subject": message.subject, "text": message.text}


def sns(message: Message, topic: str) -> Mapping[str, object]:
    """The arguments of `Publish`: a text for e-mail, a short one for SMS, attributes for filter policies.

    On a FIFO topic the id is the deduplication id, so that SNS itself drops a repeat within five minutes.
    """
    text = _cut_bytes(message.text, _SNS_MOST // 3)
    bodies = {"default": text, "email": text, "sms": message.sms}
    publish: dict[str, object] = {
        "TopicArn": topic,
        "Subject": message.subject,
        "Message": json.dumps(bodies),
        "MessageStructure": "json",
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in message.attributes.items() if value
        },
    }
    if topic.endswith(".fifo"):
        from hashlib import sha256

        publish |= {"MessageDeduplicationId": sha256(message.id.encode()).hexdigest(), "MessageGroupId": message.kind}
    return publish


def _mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _header(text: str) -> str:
    """Plain text cannot be escaped in Slack, so angle brackets, which begin a mention, are swapped."""
    return _cut(text.replace("<", "‹").replace(">", "›"), 150)  # noqa: RUF001 -- on purpose not the brackets Slack reads


def _slack(text: str) -> str:
    return html.escape(text, quote=False).replace("|", "¦").replace("*", "∗").replace("`", "'").replace("~", "∼")  # noqa: RUF001 -- look-alikes that do not format


def _html(text: str) -> str:
    return html.escape(text)


def _discord(text: str, most: int) -> str:
    """Escaped first and cut after, but never between a backslash and what it escapes."""
    escaped = _DISCORD_MARKS.sub(r"\\\1", text)
    if len(escaped) <= most:
        return escaped
    cut = escaped[: most - 1]
    odd = (len(cut) - len(cut.rstrip("\\"))) % 2
    return (cut[:-1] if odd else cut) + "…"


def _runs(inlines: Sequence[Mapping[str, Json]]) -> Json:
    return {"type": "RichTextBlock", "inlines": list(inlines)}


def _run(text: str, **style: Json) -> dict[str, Json]:
    return {"type": "TextRun", "text": _cut(text, 1000), **style}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _cut_bytes(text: str, most: int) -> str:
    return text.encode()[:most].decode("utf-8", "ignore")


def _fitting_blocks(blocks: Sequence[Json], most: int) -> list[Json]:
    """As many whole blocks as fit in `most` bytes of JSON; that some are left out is said."""
    kept: list[Json] = []
    left = most
    for block in blocks:
        left -= len(json.dumps(block))
        if left < 0:
            return [*kept, _runs([_run("… and more")])]
        kept.append(block)
    return kept


def _fitting(lines: Sequence[str], most: int) -> str:
    """As many whole lines as fit in `most` UTF-16 units, which is how the strictest receiver counts; omissions are said."""
    kept: list[str] = []
    length = 0
    for line in lines:
        length += len(line.encode("utf-16-le")) // 2 + 1
        if length > most - 20:
            return "\n".join([*kept, "… and more"])
        kept.append(line)
    return "\n".join(kept)
