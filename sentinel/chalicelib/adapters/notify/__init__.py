"""Tells people: alerts to every channel there is, severe failures to the operators. Satisfies `ports.Notifier`.

A channel that fails holds up no other, is told to the operators, and is tried again by the next run with the same id.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TextIO, cast, get_args

from chalicelib import messages
from chalicelib.adapters.notify.egress import Egress
from chalicelib.adapters.notify.operators import Due, Quiet
from chalicelib.adapters.notify.topics import Topic
from chalicelib.adapters.notify.webhooks import Channel, Receivers, read
from chalicelib.errors import BadEvent, Forbidden, Missing, OutOfTime, SentinelError
from chalicelib.messages import Message
from chalicelib.model import Json, Signal
from chalicelib.ports import Dispatch, Store, Telemetry, Trouble, Undelivered

__all__ = ["CLAIM", "Channel", "Egress", "Notifications", "Receivers", "Terminal", "Topic", "Webhooks"]

CLAIM = timedelta(minutes=5)
"""Longer than sending to every channel can take: until then a sender that was killed keeps others from sending the same."""
GIVE_UP = timedelta(days=3)
"""An alert a channel has not taken by then is history; what it still lacks is told to the operators once."""


@dataclass(frozen=True)
class Terminal:
    """A laptop's channel: the message as text on standard error, so that standard output stays for data."""

    stream: TextIO | None = None
    name: str = "terminal"

    def send(self, message: Message) -> None:
        """Print."""
        print(f"\n{message.text}", file=self.stream or sys.stderr, flush=True)


class Webhooks:
    """The receivers in a secret, read anew whenever its cache expires or a receiver refuses what it holds.

    `secret` gives the secret's object; `refused` asks for it again and tells whether it has changed.
    """

    def __init__(
        self,
        secret: Callable[[], Mapping[str, object]],
        refused: Callable[[], bool],
        egress: Egress | None = None,
        *,
        loopback: bool = False,
    ) -> None:
        self._secret, self.refused, self._loopback = secret, refused, loopback
        self._egress = egress or Egress(loopback=loopback)

    def receivers(self) -> Receivers:
        """The receivers as the secret has them now; what is wrong with the secret itself stands in `refused`."""
        try:
            return read(self._secret(), self._egress, loopback=self._loopback)
        except Missing:
            return Receivers()
        except SentinelError as error:
            return Receivers(refused=(str(error),), unread=error)


class Notifications:
    """All channels of a stage. `fixed` are always there (a topic, the terminal), `webhooks` come from a secret.

    `critical` takes the operators' messages; when it fails or is not there, the secret's `operators`, then every channel.
    `store` shares claims and the operators' quiet among processes.
    """

    def __init__(
        self,
        fixed: Sequence[Channel],
        telemetry: Telemetry,
        *,
        webhooks: Webhooks | None = None,
        critical: Channel | None = None,
        store: Store | None = None,
        quiet: Quiet | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._fixed, self._telemetry, self._webhooks, self._critical = tuple(fixed), telemetry, webhooks, critical
        self._store, self._quiet = store, quiet or Quiet(store)
        self._clock = clock
        self._undelivered: list[Undelivered] = []

    def send(self, dispatch: Dispatch, signal: Signal) -> Dispatch:
        """Send to every channel not yet in `delivered`; sent once each has it, or one that stands in for it has.

        Of several senders at once one sends; the others give `dispatch` back as it is. Raises nothing but the run's own
        `OutOfTime`.
        """
        try:
            claimed = self._claimed(dispatch)
            return dispatch if claimed is None else claimed if claimed.sent_at else self._send(claimed, signal)
        except OutOfTime:
            raise
        except Exception as error:  # noqa: BLE001 -- an alert that cannot be told must not undo the run that found it
            self._telemetry.log("error", "an alert could not be sent", dispatch=dispatch.id, error_type=type(error).__name__)
            self.operator("channel-failed", f"{dispatch.id}: {type(error).__name__}", {"dispatch_id": dispatch.id})
            broken = error if isinstance(error, SentinelError) else SentinelError(f"sending broke ({type(error).__name__})")
            self._undelivered.append(Undelivered(dispatch.id, "all", broken, reached=False))
            return dispatch

    def undelivered(self) -> Sequence[Undelivered]:
        """What these notifications could not deliver."""
        return tuple(self._undelivered)

    def operator(self, kind: Trouble, words: str, detail: Mapping[str, Json], count: int = 1) -> None:
        """Tell the operators, or count it while this kind is quiet. Raises nothing but the run's own `OutOfTime`."""
        plain = {name: value for name, value in detail.items() if name != "documents"}
        self._telemetry.log("error", "a failure for the operators", kind=kind, words=words, count=count, detail=plain)
        said, kept = str(self._telemetry.redact(words)), cast("dict[str, Json]", self._telemetry.redact(dict(detail)))
        self._telling(kind, lambda now: self._quiet.due(kind, said, kept, now, count))

    def overdue(self) -> None:
        """Tell what was only counted and whose quiet is over, and of receivers no alert could reach, before there is one.

        Raises nothing but the run's own `OutOfTime`.
        """
        self._receivers()
        for kind in get_args(Trouble):
            self._telling(kind, partial(self._quiet.overdue, kind))

    def _telling(self, kind: Trouble, due_at: Callable[[datetime], Due | None]) -> None:
        try:
            now = self._clock()
            due = due_at(now)
            if due is not None and self._tell(messages.failure(kind, due.said, due.detail, now, due.count, due.of)):
                due.told()
        except OutOfTime:
            raise
        except Exception as error:  # noqa: BLE001 -- telling of a failure must not be another one
            self._telemetry.log("error", "the operators could not be told", kind=kind, error_type=type(error).__name__)

    def _claimed(self, dispatch: Dispatch) -> Dispatch | None:
        """The dispatch as the store has it now, None while another sender has the claim.

        The claim is left to lapse, for what is sent is marked only after this returns.
        """
        if self._store is None:
            return dispatch
        now = self._clock()
        if not self._store.lease(f"outbox/{dispatch.id}", uuid.uuid4().hex, now + CLAIM, now):
            return None
        return next((each for each in self._store.dispatches(dispatch.run_id) if each.id == dispatch.id), dispatch)

    def _send(self, dispatch: Dispatch, signal: Signal) -> Dispatch:
        receivers = self._receivers()
        everyone = {each.name: each for each in (*self._fixed, *receivers.channels)}
        backups = receivers.backups or {}
        standing_in = {name for names in backups.values() for name in names}
        firsts = [each for name, each in everyone.items() if name not in standing_in]
        message = messages.of(dispatch, signal)
        missing = [each for each in firsts if each.name not in dispatch.delivered]
        errors = self._all(missing, message)
        delivered = [*dispatch.delivered, *(each.name for each in missing if each.name not in errors)]
        held: dict[str, SentinelError] = {} if receivers.unread is None else {"webhook-urls": receivers.unread}
        tried = dict(errors)
        for name, error in errors.items():
            other = self._stand_in(backups.get(name, ()), everyone, message, delivered, tried)
            if other:
                delivered += [each for each in (other, name) if each not in delivered]
            else:
                held[name] = error
            self._telemetry.log("warning", "channel failed", channel=name, dispatch=dispatch.id, error=str(error), instead=other)
            self.operator("channel-failed", f"{name}: {error}", {"channel": name, "dispatch_id": dispatch.id})
        now = self._clock()
        if held and now - dispatch.created_at > GIVE_UP:
            self.operator("alert-given-up", f"{dispatch.id} never reached {', '.join(held)}", {"dispatch_id": dispatch.id})
            delivered += [f"given-up:{name}" for name in held]
            held = {}
        reached = bool(delivered) and receivers.unread is None
        self._undelivered += [Undelivered(dispatch.id, name, error, reached) for name, error in held.items()]
        if not firsts:
            nowhere = Missing("there is no channel an alert could be sent to")
            self._undelivered.append(Undelivered(dispatch.id, "all", nowhere, reached=False))
            self.operator("no-channel", str(nowhere), {"dispatch_id": dispatch.id})
        sent_at = now if firsts and not held else dispatch.sent_at
        return replace(dispatch, delivered=tuple(dict.fromkeys(delivered)), sent_at=sent_at)

    def _receivers(self) -> Receivers:
        if self._webhooks is None:
            return Receivers()
        receivers = self._webhooks.receivers()
        if receivers.refused:
            self.operator("webhook-refused", f"secret webhook-urls: {'; '.join(receivers.refused)}", {})
        return receivers

    def _all(self, channels: Sequence[Channel], message: Message) -> dict[str, SentinelError]:
        """Send to all at once; the errors by channel."""
        if not channels:
            return {}
        pool = ThreadPoolExecutor(len(channels), thread_name_prefix="notify")
        try:
            tries = {each.name: pool.submit(self._one, each, message) for each in channels}
            return {name: error for name, each in tries.items() if (error := each.result()) is not None}
        finally:
            pool.shutdown(wait=False)

    def _one(self, channel: Channel, message: Message) -> SentinelError | None:
        """Send to one channel; one that refuses is tried once more when its secret has changed meanwhile."""
        error = _attempt(channel, message)
        if isinstance(error, Forbidden | Missing) and self._webhooks is not None and channel not in self._fixed:
            try:
                changed = self._webhooks.refused()
            except SentinelError:
                return error
            again = {each.name: each for each in self._webhooks.receivers().channels}.get(channel.name)
            if changed and again is not None:
                return _attempt(again, message)
        return error

    def _stand_in(
        self,
        others: Sequence[str],
        everyone: Mapping[str, Channel],
        message: Message,
        delivered: Sequence[str],
        errors: dict[str, SentinelError],
    ) -> str:
        """The first of `others` that has, or takes, the message; empty when none does. What fails joins `errors`."""
        for other in others:
            if other in delivered:
                return other
            if other in everyone and other not in errors:
                error = self._one(everyone[other], message)
                if error is None:
                    return other
                errors[other] = error
        return ""

    def _tell(self, message: Message) -> bool:
        """Give the operators' message to the critical topic, else to the first group of channels that takes it."""
        receivers = self._webhooks.receivers() if self._webhooks else Receivers()
        own = () if self._critical is None else (self._critical,)
        for group in (own, receivers.operators, (*self._fixed, *receivers.channels)):
            errors = self._all(group, message)
            for name, error in errors.items():
                self._telemetry.log("error", "an operators' channel failed", channel=name, error=str(error))
            if len(errors) < len(group):
                return True
        self._telemetry.log("error", "the operators could not be told", message_id=message.id, subject=message.subject)
        return False


def _attempt(channel: Channel, message: Message) -> SentinelError | None:
    try:
        channel.send(message)
    except OutOfTime:
        raise
    except SentinelError as error:
        return error
    except Exception as error:  # noqa: BLE001 -- a channel that breaks is one that failed; its words may hold its secret
        return BadEvent(f"{channel.name}: broke ({type(error).__name__})")
    return None
