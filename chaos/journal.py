"""What happened when, for whoever has to find out why."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path


class Journal:
    """One line per happening, on standard output as well when `aloud`; written into `folder`, if there is one."""

    def __init__(self, folder: Path | None = None, *, aloud: bool = False) -> None:
        self._folder = folder
        self._aloud = aloud
        self._began = time.monotonic()
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "journal.txt").write_text("")

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._began

    def note(self, text: str) -> None:
        """Write one line down."""
        line = f"{datetime.now():%H:%M:%S.%f}"[:-3] + f" {self.seconds:6.1f} s  {text}"
        if self._aloud:
            print(line, flush=True)
        if self._folder is not None:
            with (self._folder / "journal.txt").open("a") as file:
                file.write(line + "\n")

    def keep(self, name: str, lines: Iterable[str]) -> None:
        """Keep what a process has written."""
        if self._folder is not None:
            (self._folder / f"{name}.txt").write_text("".join(f"{line}\n" for line in lines))
