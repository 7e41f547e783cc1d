"""What the inner floors ask of the world, as Protocols: fetching, storing, telling, continuing, and what a scraper is.

Scrapers see only `Fetch`; the engine sees all of these; adapters satisfy them. Nothing here does anything.
"""

from chalicelib.ports.fetching import Close, Document, Fetch, FileInfo, Files, NoClose, Quotes, Shape, Transcripts, Web
from chalicelib.ports.keeping import Conclusion, Dispatch, Plan, RunRecord, Store
from chalicelib.ports.scraping import Scraper, Source, Table
from chalicelib.ports.telling import Continuation, Copied, Copy, Notifier, Services, Telemetry, Trouble, Undelivered

__all__ = [
    "Close",
    "Conclusion",
    "Continuation",
    "Copied",
    "Copy",
    "Dispatch",
    "Document",
    "Fetch",
    "FileInfo",
    "Files",
    "NoClose",
    "Notifier",
    "Plan",
    "Quotes",
    "RunRecord",
    "Scraper",
    "Services",
    "Shape",
    "Source",
    "Store",
    "Table",
    "Telemetry",
    "Transcripts",
    "Trouble",
    "Undelivered",
    "Web",
]
