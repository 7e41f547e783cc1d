"""Carrying a run on after its time: Step Functions drives the chunked function on AWS; on a laptop the caller goes on.

Lambda stops a function that keeps invoking itself, so a function never starts its own successor.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.model import Json, Window

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_CHUNK = 25


class StateMachine:
    """Starts the stage's state machine, which calls `{application}-{stage}-{scraper}-chunked` until nothing is left."""

    def __init__(
        self, client: SFNClient, arn: str, stage: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._client, self._arn, self._stage, self._clock = client, arn, stage, clock

    def start(self, scraper: str, run_id: str, window: Window) -> Mapping[str, Json]:
        """Start the rest of the run; one execution an hour and run, however often it is asked for."""
        order = {
            "function": f"boom-bust-sentinel-{self._stage}-{scraper}-chunked",
            "windows": [window.name],
            "chunk_size": _CHUNK,
        }
        name = f"{run_id.replace('/', '-')}-{self._clock():%Y%m%d%H}"
        try:
            answer = self._client.start_execution(stateMachineArn=self._arn, name=name, input=json.dumps(order))
        except ClientError as error:
            if error.response["Error"]["Code"] == "ExecutionAlreadyExists":
                return {"started": True, "how": "step-functions", "execution": name, "already": True}
            return {"started": False, "how": "step-functions", "error": error.response["Error"]["Code"]}
        except BotoCoreError as error:
            return {"started": False, "how": "step-functions", "error": type(error).__name__}
        return {"started": True, "how": "step-functions", "execution": answer["executionArn"]}


class ByHand:
    """No state machine: whoever called calls again, and the run goes on where it stopped."""

    def start(self, scraper: str, run_id: str, window: Window) -> Mapping[str, Json]:
        """What to do next."""
        return {"started": False, "how": "run again", "run_id": run_id, "window": window.name, "function": f"{scraper}-chunked"}
