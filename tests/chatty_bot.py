"""bot.py with every logger at DEBUG and the values of variables in every traceback, as crash reporters show them."""

from __future__ import annotations

import logging
import runpy
import sys
import traceback
from pathlib import Path
from types import TracebackType

import discord


class Talkative(logging.Formatter):
    """Shows what the frames held."""

    def formatException(  # noqa: N802  # logging's own name
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        if ei[1] is None:
            return ""
        told = traceback.TracebackException.from_exception(ei[1], capture_locals=True)
        return "".join(told.format())


def set_up(**_: object) -> None:
    """In place of discord.py's own."""
    handler = logging.StreamHandler()
    handler.setFormatter(Talkative("%(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)


HOST = Path(__file__).parents[1] / "bot.py"
discord.utils.setup_logging = set_up
sys.path[0] = str(HOST.parent)
sys.argv = [str(HOST)]
runpy.run_path(str(HOST), run_name="__main__")
