"""IAM as AWS applies it: every AWS call becomes its action and the ARN it touches, and a policy's text decides.

moto's own authentication evaluates every call against the resource `*`, so it cannot tell one table from another.
"""

import fnmatch
import re

import boto3
from botocore.exceptions import ClientError

ACCOUNT, REGION = "123456789012", "us-east-1"
WRITES = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
CODES = {"s3": "AccessDenied", "sns": "AuthorizationError"}


def needed(service, operation, given):
    """The actions a call needs and the ARN each touches, `(action, arn, conditions)`; a call not known here is an error."""
    match service, operation:
        case "dynamodb", "TransactWriteItems":
            return [
                (f"dynamodb:{WRITES[kind]}", _table(parts["TableName"]), {})
                for action in given["TransactItems"]
                for kind, parts in action.items()
            ]
        case "dynamodb", "BatchGetItem" | "BatchWriteItem":
            return [(f"dynamodb:{operation}", _table(name), {}) for name in given["RequestItems"]]
        case "dynamodb", "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" | "Query":
            return [(f"dynamodb:{operation}", _table(given["TableName"]), {})]
        case "sns", "Publish":
            return [("sns:Publish", given["TopicArn"], {})]
        case "secretsmanager", "GetSecretValue":
            arn = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{given['SecretId']}-AbCdEf"
            return [("secretsmanager:GetSecretValue", arn, {})]
        case "s3", "GetObject" | "PutObject":
            return [(f"s3:{operation}", f"arn:aws:s3:::{given['Bucket']}/{given['Key']}", {})]
        case "s3", "ListObjectsV2":
            return [("s3:ListBucket", f"arn:aws:s3:::{given['Bucket']}", {"s3:prefix": given.get("Prefix", "")})]
        case "stepfunctions" | "sfn", "StartExecution":
            return [("states:StartExecution", given["stateMachineArn"], {})]
    raise AssertionError(f"{service}:{operation}: say here which action it needs")


def of_lambda(function):
    """What Lambda itself does with the function's role: its log, and the queue of events that were given up."""
    log = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/{function}:log-stream:2026/11/23/[$LATEST]0"
    stage = re.match(r"boom-bust-sentinel-(\w+)-", function)[1]
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:boom-bust-sentinel-{stage}-failed-events"
    return [("logs:CreateLogStream", log, {}), ("logs:PutLogEvents", log, {}), ("sqs:SendMessage", queue, {})]


def allows(policy, action, arn, conditions):
    """Whether a policy's text allows the action on the ARN: `*` and `?` match, a denial outweighs."""
    effects = set()
    for statement in policy["Statement"]:
        actions, resources = _many(statement["Action"]), _many(statement["Resource"])
        if (
            any(_like(action.lower(), each.lower()) for each in actions)
            and any(_like(arn, each) for each in resources)
            and _meets(statement.get("Condition", {}), conditions)
        ):
            effects.add(statement["Effect"])
    return effects == {"Allow"}


class Guard:
    """While `policy` is set, every call of boto3's default session is held against it; `calls` remembers what was needed.

    A key that is not there is told (404) only to who may list the bucket, as S3 does.
    """

    def __init__(self):
        self.policy = None
        self.calls = []
        self.refused = []
        boto3.setup_default_session()
        events = boto3.DEFAULT_SESSION.events
        events.register("before-parameter-build", self._before)
        events.register("after-call.s3.GetObject", self._after)

    def _before(self, params, model, context, **_):
        if self.policy is None:
            return
        service = model.service_model.service_name
        context["asked"] = params
        for action, arn, conditions in needed(service, model.name, params):
            self.calls.append((action, arn, conditions))
            if not allows(self.policy, action, arn, conditions):
                self.refused.append((action, arn))
                words = f"not authorized to perform: {action} on resource: {arn}"
                answer = {"Code": CODES.get(service, "AccessDeniedException"), "Message": words}
                raise ClientError({"Error": answer, "ResponseMetadata": {"HTTPStatusCode": 403}}, model.name)

    def _after(self, http_response, parsed, model, context, **_):
        if self.policy is None or parsed.get("Error", {}).get("Code") != "NoSuchKey":
            return
        bucket = f"arn:aws:s3:::{context['asked']['Bucket']}"
        self.calls.append(("s3:ListBucket", bucket, {}))
        if not allows(self.policy, "s3:ListBucket", bucket, {}):
            self.refused.append(("s3:ListBucket", bucket))
            parsed["Error"]["Code"] = "AccessDenied"


def _table(name):
    return name if name.startswith("arn:") else f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"


def _many(given):
    return [given] if isinstance(given, str) else given


def _like(text, pattern):
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))


def _meets(wanted, given):
    for operator, keys in wanted.items():
        assert operator == "StringLike", f"{operator}: say here what it means"
        for key, patterns in keys.items():
            if key not in given or not any(_like(given[key], each) for each in _many(patterns)):
                return False
    return True
