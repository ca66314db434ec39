"""Reference pictures: fetched behind a guard, taken apart, shrunk, labelled and cached."""

from .addresses import TrustedHosts
from .fetch import Fetcher, Limits
from .loader import ReferenceLoader
from .narrative import extract_picture_urls
from .outcomes import CacheRules
from .sheets import plan_sheets

__all__ = [
    "CacheRules",
    "Fetcher",
    "Limits",
    "ReferenceLoader",
    "TrustedHosts",
    "extract_picture_urls",
    "plan_sheets",
]
