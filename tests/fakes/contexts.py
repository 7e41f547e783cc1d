"""Lambda contexts: how much time is left, and the request's id."""

from dataclasses import dataclass, field
from itertools import count
from time import monotonic

_numbers = count(1)


@dataclass
class Context:
    """A context that grants `seconds` from now."""

    seconds: float = 900.0
    aws_request_id: str = field(default_factory=lambda: f"request-{next(_numbers)}")
    began: float = field(default_factory=monotonic)

    def get_remaining_time_in_millis(self) -> int:
        return int((self.seconds - (monotonic() - self.began)) * 1000)
