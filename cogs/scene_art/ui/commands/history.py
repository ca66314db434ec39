"""`/scene-art history` and `status`: people look at pictures, and at how things stand."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import discord
from discord import app_commands

from ...i18n import Dollars, Sentence, gettext
from ...services.services import FindServices
from ...services.status import Report
from ...store.budget import Books
from ...store.reservations import Outcome
from ...text import escaped
from ..choices import Choices, Labelled, label_by_value
from ..components.history import build_history
from ..components.progress import describe_quote
from ..context import Interaction, RequestContext
from .part import CommandPart


class HistoryCommands(CommandPart, name="history", description="Look at pictures"):
    """Translate between Discord, the history and status services."""

    def __init__(self, find: FindServices, version: str) -> None:
        super().__init__(find)
        self._version = version

    @app_commands.command(name="history", description="Browse this channel's pictures")
    @app_commands.describe(character="Show only pictures with this character")
    async def history(self, interaction: Interaction, character: str = "") -> None:
        """Show the channel's pictures, page by page."""
        await self._respond(interaction, partial(build_history, character=str(character)))

    @history.autocomplete("character")
    async def _choose_character(self, interaction: Interaction, current: str) -> Choices:
        async def names(context: RequestContext) -> Labelled:
            return label_by_value(
                (await context.services.history.history(context.channel_id, by=context.requester)).names
            )

        return await self._suggest(interaction, current, names)

    @app_commands.command(name="status", description="Show the queue, your limit, recent problems and the version")
    async def status(self, interaction: Interaction) -> None:
        """Tell how things stand."""

        async def report(context: RequestContext) -> str:
            channel_id, person = context.channel_id, context.requester
            found = await context.services.status.report(channel_id, by=person)
            quote = describe_quote(await context.services.limits.quote(channel_id, by=person))
            return context.lines(*self._describe(found), quote, *_describe_troubles(found))

        await self._respond(interaction, report)

    def _describe(self, report: Report) -> list[Sentence]:
        sentences = [
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
            sentences.append(gettext("Painter: Gemini ({models}). API keys: {keys}.", models=models, keys=report.keys))
        else:
            sentences.append(gettext("Painter: built-in storyboard. Pictures are free."))
        if report.books is not None:
            sentences += _describe_money(report.books)
        return sentences


def _describe_money(books: Books) -> list[Sentence]:
    """Tell what this server spent today, and on what."""
    sentences = [gettext("Spent today: {server} in this server, {all} in total.", server=books.server, all=books.all)]
    if books.reserved:
        sentences.append(gettext("Reserved for requests under way: {reserved}.", reserved=books.reserved))
    for outcome, (count, amount) in books.outcomes.items():
        sentences.append(_OUTCOMES[outcome](count, amount))
    return sentences


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


def _describe_troubles(report: Report) -> list[Sentence]:
    return [
        gettext(
            "Scene {id}, {when}: {why}",
            id=scene.id,
            when=f"<t:{int(scene.finished_at or scene.heard_at)}:R>",
            why=scene.sentence or gettext("no picture."),
        )
        for scene in report.troubles
    ]
