"""Alerts as words, one shape per channel. Pure: a dispatch and its signal in, subjects, texts and payloads out.

`alert` makes the words, `payloads` the channels' shapes, `words` the amounts, names and links inside them.
"""

from __future__ import annotations

from chalicelib.messages.alert import SMS_MOST, SUBJECT_MOST, Document, Message, failure, of
from chalicelib.messages.payloads import discord, generic, slack, sns, teams, telegram

__all__ = [
    "SMS_MOST",
    "SUBJECT_MOST",
    "Document",
    "Message",
    "discord",
    "failure",
    "generic",
    "of",
    "slack",
    "sns",
    "teams",
    "telegram",
]
