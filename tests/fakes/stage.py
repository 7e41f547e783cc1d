"""A stage in moto, made from infra/ as deploy.sh makes it; its functions run here, under their policies."""

import json
import sys
from pathlib import Path

import boto3

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT / "infra")]

from deploy import OUTPUTS, resources  # noqa: E402 -- as above
from loopback_aws import answered_by  # noqa: E402 -- as above
from orders import Order  # noqa: E402 -- as above

import app  # noqa: E402 -- after the path is set
from build import SOURCES, policy  # noqa: E402 -- as above
from chalicelib import assembly  # noqa: E402 -- as above
from tests.fakes.contexts import Context  # noqa: E402 -- as above
from tests.fakes.permissions import ACCOUNT, REGION, Guard, of_lambda  # noqa: E402 -- as above

__all__ = ["ACCOUNT", "REGION", "ROOT", "SOURCES", "Stage", "answered_by", "policy"]

APP = "boom-bust-sentinel"


class Stage:
    """Resources, secrets and environment of stage `name`; `given` is what the deploying shell passes on. moto must be on."""

    def __init__(self, monkeypatch, name="dev", **given):
        self.name, self._set = name, monkeypatch.setenv
        outputs = resources(Order(name, REGION, ACCOUNT, dry=False, say=lambda _: None))
        for each in ("api-keys", "webhook-urls", "database-config"):  # moto's CloudFormation knows no secrets
            boto3.client("secretsmanager").create_secret(Name=f"{APP}/{name}/{each}", SecretString="{}")
        self.environment = {ours: outputs[ours] for ours in OUTPUTS.values()} | {"STAGE": name, "REGION": REGION, **given}
        assembly._shared.cache_clear()
        self.guard = Guard()
        config = json.loads((ROOT / "sentinel" / ".chalice" / "config.json").read_text())
        functions = config["stages"][name]["lambda_functions"]
        self.policies = {each: policy(name, each, ACCOUNT, REGION, self.environment) for each in functions}

    def invoke(self, function, event, seconds=900.0, **changed):
        """The answer of the function called `bond-issuance-chunked`; `changed` is set in its environment."""
        deployed = f"{APP}-{self.name}-{function}"
        own = {"AWS_LAMBDA_FUNCTION_NAME": deployed, "SCRAPER_NAME": function.removesuffix("-chunked")}
        for name, value in {**self.environment, **own, **changed}.items():
            self._set(name, value)
        self.guard.policy = self.policies[function]
        self.guard.calls += of_lambda(deployed)
        try:
            return getattr(app, function.replace("-", "_"))(event, Context(seconds))
        finally:
            self.guard.policy = None
