"""Amazon SNS as a channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib import messages
from chalicelib.errors import BadEvent, Forbidden, Missing, UpstreamDown

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

    from chalicelib.messages import Message

_GONE = {"NotFound", "NotFoundException", "ResourceNotFoundException"}
_DENIED = {
    "AuthorizationError",
    "AuthorizationErrorException",
    "AccessDenied",
    "AccessDeniedException",
    "InvalidClientTokenId",
    "ExpiredToken",
    "SignatureDoesNotMatch",
    "KMSAccessDenied",
}
_PASSING = {"Throttled", "ThrottledException", "Throttling", "ThrottlingException", "InternalError", "InternalErrorException"}


@dataclass(frozen=True)
class Topic:
    """The topic `arn`; `client` makes the SNS client when it is first needed."""

    arn: str
    client: Callable[[], SNSClient]
    name: str = "sns"

    @cached_property
    def _sns(self) -> SNSClient:
        return self.client()

    def send(self, message: Message) -> None:
        """Publish. Raises `Missing` (the topic is gone), `Forbidden`, `BadEvent` (refused as it is), `UpstreamDown`."""
        from botocore.exceptions import BotoCoreError, ClientError

        called = self.arn.rpartition(":")[2]
        arguments: dict[str, Any] = dict(messages.sns(message, self.arn))
        try:
            self._sns.publish(**arguments)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if code in _GONE:
                raise Missing(f"topic {called}: is gone") from None
            if code in _DENIED:
                raise Forbidden(f"topic {called}: may not be published to ({code})") from None
            if code in _PASSING or status >= 500:
                raise UpstreamDown(f"topic {called}: SNS answered {code}") from None
            raise BadEvent(f"topic {called}: SNS did not accept the message ({code})") from None
        except BotoCoreError as error:
            raise UpstreamDown(f"topic {called}: SNS cannot be reached ({type(error).__name__})") from None
