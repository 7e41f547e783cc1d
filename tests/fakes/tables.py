"""A DynamoDB table as the stack declares it, made under moto; and a client that fails at a chosen write."""

from __future__ import annotations

import threading

import boto3
from botocore.exceptions import ClientError

from chalicelib.adapters.dynamo import EXPIRES, PK, SK

NAME = "boom-bust-sentinel-test"
WRITES = {"put_item", "update_item", "delete_item", "transact_write_items", "batch_write_item"}


def client():
    return boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")


def create_table(made, name=NAME):
    made.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in (PK, SK)],
        KeySchema=[{"AttributeName": PK, "KeyType": "HASH"}, {"AttributeName": SK, "KeyType": "RANGE"}],
    )
    made.update_time_to_live(TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": EXPIRES})
    return made


def refusal(code, status=400):
    return ClientError({"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Write")


def cancelled(*reasons):
    """A transaction's refusal with the reason of each of its actions."""
    error = refusal("TransactionCanceledException")
    error.response["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return error


class OneAtATime:
    """The client behind it, one call after the other. DynamoDB's calls are atomic; moto undoes a cancelled transaction by
    putting back all tables as they were before it, and with them what other threads wrote meanwhile.
    """

    def __init__(self, behind):
        self.behind, self.lock = behind, threading.Lock()

    def __getattr__(self, name):
        method = getattr(self.behind, name)

        def call(**parts):
            with self.lock:
                return method(**parts)

        return call


class Failing:
    """The client behind it, but every write from number `at` (0 is the first) raises `error`; all calls are remembered.

    With `after`, the failing write is carried out first: the answer is what got lost.
    """

    def __init__(self, behind, at=10**9, error=None, *, after=False):
        self.behind, self.at, self.error, self.after = behind, at, error or refusal("InternalServerError", 500), after
        self.writes = 0
        self.calls = []

    def __getattr__(self, name):
        method = getattr(self.behind, name)

        def call(**parts):
            self.calls.append((name, parts))
            if name in WRITES:
                self.writes += 1
                if self.writes > self.at:
                    if self.after and self.writes == self.at + 1:
                        method(**parts)
                    raise self.error
            return method(**parts)

        return call
