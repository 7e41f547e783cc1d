"""Which messages a conclusion owes: an alert once per run and level, again when it rises or returns, a resolved message
when it falls back. Pure: the engine stores what this returns in the same write as the signal, and sends it afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chalicelib.errors import BadEvent
from chalicelib.model import LEVELS, Alert, Window
from chalicelib.ports import Dispatch

SILENT = "silent"
"""What stands in `delivered` of a message a back-fill decided on and nobody was sent; nobody is told that it has resolved."""


def dispatches(
    run_id: str, scraper: str, alerts: Sequence[Alert], earlier: Sequence[Dispatch], now: datetime, *, settled: bool = True
) -> tuple[Dispatch, ...]:
    """The messages due when run `run_id` concludes with `alerts`, given the outbox so far (of any run, any order, each message
    once or more often).

    - A rule this run has not told of is told at its level; a higher level than told before is told again; the same or a
      milder one is not; a rule that comes back after its resolved message begins a new episode.
    - A rule told of and no longer broken gives one message with `level` None that carries the alert it ends: for this run's
      own alerts (its numbers were revised) and for those still open in the newest earlier window.
    - `settled=False` (the headline is withheld: nothing can be judged) resolves nothing.

    Ids are `{run_id}/{rule}/{level or "resolved"}/{episode}`: the same facts give the same ids on every machine.
    """
    earlier = list({sent.id: sent for sent in earlier}.values())
    broken = _worst(alerts)
    due = [message for alert in broken.values() if (message := _told(run_id, scraper, alert, earlier, now)) is not None]
    if settled:
        for rule in sorted({sent.rule for sent in earlier if sent.scraper == scraper} - broken.keys()):
            ended = _open(run_id, scraper, rule, earlier)
            if ended is not None:
                due.append(_dispatch(run_id, scraper, ended, earlier, now, resolved=True))
    return tuple(due)


def _worst(alerts: Sequence[Alert]) -> dict[str, Alert]:
    """Each rule's alert at its highest level, in the order the rules were given."""
    worst: dict[str, Alert] = {}
    for alert in alerts:
        if alert.rule not in worst or LEVELS.index(alert.level) > LEVELS.index(worst[alert.rule].level):
            worst[alert.rule] = alert
    return worst


def _told(run_id: str, scraper: str, alert: Alert, earlier: Sequence[Dispatch], now: datetime) -> Dispatch | None:
    """The message for a broken rule, None when this run has told of it at this level or a higher one in this episode."""
    episode = _episode(run_id, alert.rule, earlier)
    told = [
        LEVELS.index(sent.level)
        for sent in earlier
        if sent.run_id == run_id and sent.rule == alert.rule and sent.level is not None and _ordinal(sent) == episode
    ]
    if told and max(told) >= LEVELS.index(alert.level):
        return None
    return _dispatch(run_id, scraper, alert, earlier, now)


def _open(run_id: str, scraper: str, rule: str, earlier: Sequence[Dispatch]) -> Alert | None:
    """The alert of `rule` that the world still believes in: this run's own, else the one of the newest window before it.

    A window after this one that has spoken of the rule has the last word, so re-running an old window resolves nothing else's.
    """
    spoken = [sent for sent in earlier if sent.scraper == scraper and sent.rule == rule and SILENT not in sent.delivered]
    own = [sent for sent in spoken if sent.run_id == run_id]
    if own:
        return _unresolved(own)
    here = _window(run_id)
    if here is None:
        return None
    placed = [(window, sent) for sent in spoken if (window := _window(sent.run_id)) is not None and window.kind == here.kind]
    if not placed or any(window > here for window, _ in placed):
        return None
    newest = max(window for window, _ in placed)
    return _unresolved([sent for window, sent in placed if window == newest])


def _unresolved(sent: Sequence[Dispatch]) -> Alert | None:
    """The highest alert of one run's last episode, None when that episode has ended."""
    last = max(_ordinal(message) for message in sent)
    episode = [message for message in sent if _ordinal(message) == last]
    if any(message.level is None for message in episode):
        return None
    return max((message.alert for message in episode), key=lambda alert: LEVELS.index(alert.level))


def _episode(run_id: str, rule: str, earlier: Sequence[Dispatch]) -> int:
    """The number of the episode that is going on, or would begin now: one more than this run's resolved messages."""
    return 1 + sum(1 for sent in earlier if sent.run_id == run_id and sent.rule == rule and sent.level is None)


def _ordinal(sent: Dispatch) -> int:
    """The episode an id ends with."""
    tail = sent.id.rpartition("/")[2]
    return int(tail) if tail.isdecimal() else 1


def _window(run_id: str) -> Window | None:
    """The window a run's id names."""
    try:
        return Window.parse(run_id.partition("/")[2])
    except BadEvent:
        return None


def _dispatch(
    run_id: str, scraper: str, alert: Alert, earlier: Sequence[Dispatch], now: datetime, *, resolved: bool = False
) -> Dispatch:
    level = None if resolved else alert.level
    episode = _episode(run_id, alert.rule, earlier)
    return Dispatch(
        id=f"{run_id}/{alert.rule}/{level or 'resolved'}/{episode}",
        run_id=run_id,
        scraper=scraper,
        rule=alert.rule,
        level=level,
        alert=alert,
        created_at=now,
    )
