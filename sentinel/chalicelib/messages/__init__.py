"""Alerts as words, one shape per channel. Pure: a dispatch and its signal in, subjects, texts and payloads out.

`alert` makes an alert's words, `failures` the operators', `payloads` the channels' shapes, `words` names and links inside them.
"""

from __future__ import annotations

from chalicelib.messages.alert import SMS_MOST, SUBJECT_MOST, Document, Message, of
from chalicelib.messages.failures import failure
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
