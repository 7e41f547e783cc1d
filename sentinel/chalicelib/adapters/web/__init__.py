"""Public documents over HTTPS: allowed addresses only, paced, retried, capped, kept. Satisfies `ports.Web`."""

from chalicelib.adapters.web.addresses import DEFAULT_HOSTS
from chalicelib.adapters.web.client import Cache, HttpWeb
from chalicelib.adapters.web.wire import Times

__all__ = ["DEFAULT_HOSTS", "Cache", "HttpWeb", "Times"]
