"""One DynamoDB table with keys `pk` and `sk`: records as plain mappings, batches, transactions, and errors of our kinds.

Every read is consistent. What DynamoDB leaves undone of a batch is asked again; a transaction that meets another says so.
"""

from __future__ import annotations

import random
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

from chalicelib.errors import Forbidden, Missing, SentinelError, UpstreamDown

PK, SK, EXPIRES = "pk", "sk", "expires"
"""The key schema (partition key, sort key, both text; no index) and the TTL attribute (seconds since 1970)."""

T = TypeVar("T")
Record: TypeAlias = Mapping[str, Any]
Key: TypeAlias = tuple[str, str]
Action: TypeAlias = Mapping[str, Any]

ACTIONS = 100
"""Most actions of one transaction."""
BYTES = 3_500_000
"""Most bytes of one transaction (4 MB), less what DynamoDB adds."""
SLICE = 350_000
"""Most bytes of one record's blob: DynamoDB allows 400 KB a record, names and keys included."""
_BATCH_READ, _BATCH_WRITE = 100, 25
_PACKED = 2_000
"""Text longer than this is kept compressed: DynamoDB charges by the kilobyte."""
_TRIES = 8

_FORBIDDEN = {
    "AccessDeniedException",
    "AccessDenied",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "ExpiredTokenException",
    "KMSAccessDeniedException",
}
_DOWN = {
    "ThrottlingException",
    "Throttling",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "InternalServerError",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "TransactionInProgressException",
    "LimitExceededException",
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
}
_LOST = {"ConditionalCheckFailed", "TransactionConflict"}


class Conflict(Exception):
    """A condition did not hold, or another transaction held one of the records: read again, decide again."""


def pack(text: str) -> str | bytes:
    """Long text compressed, short text as it is."""
    return text if len(text) <= _PACKED else zlib.compress(text.encode("ascii"), 6)


def unpack(value: str | bytes) -> str:
    """What `pack` was given."""
    return value if isinstance(value, str) else zlib.decompress(value).decode("ascii")


def slices(blob: bytes) -> list[bytes]:
    """The blob in pieces that fit a record each."""
    return [blob[start : start + SLICE] for start in range(0, len(blob), SLICE)]


class Table:
    """The table called `name` behind a boto3 DynamoDB client. `actions` is the most of one transaction; `sleep` waits
    between tries.
    """

    def __init__(
        self,
        client: Any,  # noqa: ANN401 -- boto3's generated class
        name: str,
        *,
        actions: int = ACTIONS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self.name = name
        self.actions = actions
        self._sleep = sleep

    def get(self, pk: str, sk: str) -> Record | None:
        """One record."""
        answer = self._call("get_item", Key=_key((pk, sk)), ConsistentRead=True)
        return _plain(answer["Item"]) if answer.get("Item") else None

    def get_all(self, keys: Iterable[Key]) -> dict[Key, Record]:
        """The records there are of `keys`."""
        wanted = list(dict.fromkeys(keys))
        found: dict[Key, Record] = {}
        for start in range(0, len(wanted), _BATCH_READ):
            ask: Any = {self.name: {"Keys": [_key(key) for key in wanted[start : start + _BATCH_READ]], "ConsistentRead": True}}
            for attempt in self._attempts("reading a batch"):
                answer = self._call("batch_get_item", RequestItems=ask, named=False)
                for item in answer["Responses"].get(self.name, ()):
                    record = _plain(item)
                    found[record[PK], record[SK]] = record
                ask = answer.get("UnprocessedKeys")
                if not ask:
                    break
                self._pause(attempt)
        return found

    def query(
        self, pk: str, low: str = "", high: str = "\U0010ffff", *, newest_first: bool = False, page: int | None = None
    ) -> Iterator[Record]:
        """The records of one partition with `low <= sk <= high`, in order of `sk`."""
        ask: dict[str, Any] = {
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :low AND :high",
            "ExpressionAttributeValues": _values({"pk": pk, "low": low or "\x00", "high": high}),
            "ConsistentRead": True,
            "ScanIndexForward": not newest_first,
        }
        if page:
            ask["Limit"] = page
        while True:
            answer = self._call("query", **ask)
            yield from map(_plain, answer["Items"])
            if not answer.get("LastEvaluatedKey"):
                return
            ask["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def write(self, action: Action) -> None:
        """One action by itself; raises `Conflict` when its condition does not hold."""
        [(kind, parts)] = action.items()
        try:
            self._call(f"{kind.lower()}_item", **{name: value for name, value in parts.items() if name != "TableName"})
        except ClientError as error:
            if _code(error) in ("ConditionalCheckFailedException", "TransactionConflictException"):
                raise Conflict from error
            raise

    def holds(self, action: Action) -> bool:
        """Do one action; False when its condition does not hold."""
        try:
            self.write(action)
        except Conflict:
            return False
        return True

    def transact(self, actions: Sequence[Action]) -> None:
        """All of the actions or none; raises `Conflict` when a condition does not hold or a record is taken."""
        try:
            self._call("transact_write_items", TransactItems=list(actions), named=False)
        except ClientError as error:
            reasons = {each.get("Code", "None") for each in error.response.get("CancellationReasons", ())} - {"None"}
            if _code(error) == "TransactionConflictException" or reasons & _LOST:
                raise Conflict from error
            raise self._kind("ThrottlingException" if reasons & _DOWN else "", error) from error

    def delete_all(self, keys: Iterable[Key]) -> None:
        """Remove records that nothing refers to any more."""
        every = list(keys)
        for start in range(0, len(every), _BATCH_WRITE):
            ask: Any = {self.name: [{"DeleteRequest": {"Key": _key(key)}} for key in every[start : start + _BATCH_WRITE]]}
            for attempt in self._attempts("removing a batch"):
                ask = self._call("batch_write_item", RequestItems=ask, named=False).get("UnprocessedItems")
                if not ask:
                    break
                self._pause(attempt)

    def settled(self, what: str, step: Callable[[], T]) -> T:
        """What `step` gives, as soon as it meets no `Conflict`; each is a reason to try again after a pause."""
        for attempt in self._attempts(what):
            try:
                return step()
            except Conflict:
                self._pause(attempt)
        raise AssertionError(what)

    def put(self, record: Record, condition: str = "", **values: object) -> Action:
        """Write the whole record, if `condition` (its values as `:name`) holds."""
        return {"Put": {"Item": _attributes(record), **self._condition(condition, values)}}

    def update(self, key: Key, expression: str, condition: str = "", **values: object) -> Action:
        """Change parts of a record."""
        return {"Update": {"Key": _key(key), "UpdateExpression": expression, **self._condition(condition, values)}}

    def delete(self, key: Key, condition: str = "", **values: object) -> Action:
        """Remove a record."""
        return {"Delete": {"Key": _key(key), **self._condition(condition, values)}}

    def check(self, key: Key, condition: str, **values: object) -> Action:
        """Let a transaction go through only if `condition` holds of a record it does not change."""
        return {"ConditionCheck": {"Key": _key(key), **self._condition(condition, values)}}

    def _condition(self, condition: str, values: Mapping[str, object]) -> dict[str, Any]:
        parts: dict[str, Any] = {"TableName": self.name}
        if condition:
            parts["ConditionExpression"] = condition
        if values:
            parts["ExpressionAttributeValues"] = _values(values)
        return parts

    def _attempts(self, what: str) -> Iterator[int]:
        """As many numbers as there are tries; raises `UpstreamDown` after the last."""
        yield from range(_TRIES)
        raise UpstreamDown(f"table {self.name}: {what} met other writers or throttling {_TRIES} times")

    def _pause(self, attempt: int) -> None:
        self._sleep(random.uniform(0.5, 1) * min(2.0, 0.05 * 2**attempt))  # noqa: S311 -- jitter, no secret

    def _call(self, operation: str, *, named: bool = True, **parts: Any) -> Any:  # noqa: ANN401 -- boto3's own mappings
        if named:
            parts["TableName"] = self.name
        try:
            return getattr(self._client, operation)(**parts)
        except ClientError as error:
            code = _code(error)
            if code in ("ConditionalCheckFailedException", "TransactionConflictException", "TransactionCanceledException"):
                raise
            raise self._kind(code, error) from error
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise Forbidden(f"table {self.name}: {error}") from error
        except BotoCoreError as error:
            raise UpstreamDown(f"table {self.name}: {error}") from error

    def _kind(self, code: str, error: ClientError) -> SentinelError:
        """Our kind for what DynamoDB answered."""
        words = f"table {self.name}: {error}"
        if code in _FORBIDDEN:
            return Forbidden(words)
        if code == "ResourceNotFoundException":
            return Missing(f"table {self.name} is not there")
        if code in _DOWN or error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
            return UpstreamDown(words)
        return SentinelError(words)


def size_of(action: Action) -> int:
    """About how many bytes an action weighs."""
    [parts] = action.values()
    return 200 + sum(_weight(value) for value in parts.get("Item", {}).values())


def _weight(attribute: Mapping[str, Any]) -> int:
    [value] = attribute.values()
    return len(value.encode()) if isinstance(value, str) else len(value) if isinstance(value, bytes) else 100


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _key(key: Key) -> dict[str, Any]:
    return {PK: {"S": key[0]}, SK: {"S": key[1]}}


def _values(values: Mapping[str, object]) -> dict[str, Any]:
    return {f":{name}": value for name, value in _attributes(values).items()}


def _attributes(record: Mapping[str, object]) -> dict[str, Any]:
    return {name: _attribute(value) for name, value in record.items() if value is not None}


def _attribute(value: object) -> Any:  # noqa: ANN401 -- boto3's own mapping
    match value:
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case frozenset():
            return {"SS": sorted(value)}
        case list():
            return {"L": [_attribute(each) for each in value]}
    raise SentinelError(f"{value!r} has no form in a record")


def _plain(item: Mapping[str, Any]) -> Record:
    return {name: _value(attribute) for name, attribute in item.items()}


def _value(attribute: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- as it was put
    [(kind, value)] = attribute.items()
    match kind:
        case "N":
            return int(value)
        case "SS":
            return frozenset(value)
        case "L":
            return [_value(each) for each in value]
        case "B" | "S" | "BOOL":
            return value
    raise SentinelError(f"a record holds an attribute of kind {kind}, which this program never writes")
