"""`/scene-art history` and `status`: people look at pictures, and at how things stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord
from discord import app_commands

from ...i18n import Dollars, Sentence, gettext
from ...services.services import FindServices, Services
from ...services.status import Report
from ...store.budget import Books
from ...store.reservations import Outcome
from ...text import escaped
from ..choices import Choices, matching
from ..components.history import show_history
from ..components.progress import quote_line
from ..requester import requester_of
from ..responses import Interaction, lines, respond


class HistoryCommands(app_commands.Group):
    """Translates between Discord, the history and settings services."""

    def __init__(self, find: FindServices, version_told: str) -> None:
        super().__init__(name="looking", description="Look at pictures")
        self._find = find
        self._version = version_told

    @app_commands.command(name="history", description="Browse this channel's pictures")
    @app_commands.describe(character="Show only pictures with this character")
    async def history(self, interaction: discord.Interaction[Any], character: str = "") -> None:
        """Show the channel's pictures, page by page."""
        await show_history(interaction, self._find, character=str(character))

    @history.autocomplete("character")
    async def _choose_character(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        try:
            page = await self._find().history.history(str(interaction.channel_id), by=requester_of(interaction))
        except Exception:  # noqa: BLE001  # a suggestion is a nicety
            return []
        return matching(current, [(name, name) for name in page.names])

    @app_commands.command(name="status", description="Show the queue, your limit, recent problems and the version")
    async def status(self, interaction: discord.Interaction[Any]) -> None:
        """Tell how things stand."""

        async def told_status(services: Services) -> str:
            channel_id, person = str(interaction.channel_id), requester_of(interaction)
            report = await services.status.report(channel_id, by=person)
            quote = quote_line(await services.admission.quote(channel_id, by=person))
            return lines(interaction, *self._status(report), quote, *_troubles(interaction, report))

        await respond(interaction, self._find, told_status)

    def _status(self, report: Report) -> list[Sentence]:
        told = [
            gettext(
                "**scene-art {version}**, discord.py {library}", version=self._version, library=discord.__version__
            ),
            gettext(
                "Redis: connected. In the queue: {waiting}. In progress in this channel: {working}.",
                waiting=report.waiting,
                working=report.in_progress,
            ),
        ]
        if report.painter == "gemini":
            models = escaped(", ".join(report.models), 200)
            told.append(gettext("Painter: Gemini ({models}). API keys: {keys}.", models=models, keys=report.keys))
        else:
            told.append(gettext("Painter: built-in storyboard. Pictures are free."))
        if report.books is not None:
            told += _money(report.books)
        return told


def _money(books: Books) -> list[Sentence]:
    """Tell what this server spent today, and on what."""
    told = [gettext("Spent today: {server} in this server, {all} in total.", server=books.server, all=books.all)]
    if books.reserved:
        told.append(gettext("Reserved for requests under way: {reserved}.", reserved=books.reserved))
    for outcome, (count, amount) in books.outcomes.items():
        told.append(_OUTCOMES[outcome](count, amount))
    return told


_OUTCOMES: dict[Outcome, Callable[[int, Dollars], Sentence]] = {
    Outcome.PAINTED: lambda count, amount: gettext("- Drawn: {count}, {amount}", count=count, amount=amount),
    Outcome.REFUSED: lambda count, amount: gettext(
        "- Answered without a picture, and billed: {count}, {amount}", count=count, amount=amount
    ),
    Outcome.CANCELLED: lambda count, amount: gettext(
        "- Cancelled after it was sent, and billed: {count}, {amount}", count=count, amount=amount
    ),
    Outcome.LOST: lambda count, amount: gettext(
        "- Answer lost, the estimate counts: {count}, {amount}", count=count, amount=amount
    ),
    Outcome.RETURNED: lambda count, amount: gettext(
        "- Not billed, given back: {count}, {amount}", count=count, amount=amount
    ),
}


def _troubles(interaction: Interaction, report: Report) -> list[Sentence]:
    return [
        gettext(
            "Scene {id}, {when}: {why}",
            id=scene.id,
            when=f"<t:{int(scene.finished_at or scene.heard_at)}:R>",
            why=scene.sentence or gettext("no picture."),
        )
        for scene in report.troubles
    ]
