"""`/scene-art history` and `status`: people look at pictures, and at how things stand."""

from __future__ import annotations

import discord
from discord import app_commands

from ...i18n import Sentence, gettext
from ...services.services import FindServices
from ...services.status import Report
from ...store.budget import Books
from ...store.reservations import Outcome
from ...text import escaped
from ..choices import Choices, Labelled, label_by_value, suggest
from ..components.history import build_history
from ..components.progress import describe_quote
from ..context import Interaction, RequestContext
from ..responses import Answer
from .part import CommandPart, answered


class HistoryCommands(CommandPart, name="history", description="Look at pictures"):
    """Translate between Discord, the history and status services."""

    def __init__(self, find: FindServices, version: str) -> None:
        super().__init__(find)
        self._version = version

    async def suggest_names(self, interaction: Interaction, current: str) -> Choices:
        """Suggest the names of those who are in the channel's pictures. Never raises."""

        async def names(context: RequestContext) -> Labelled:
            page = await context.services.history.history(context.channel_id, by=context.requester)
            return label_by_value(page.names)

        return await suggest(interaction, self.find, current, names)

    @app_commands.command(name="history", description="Browse this channel's pictures")
    @app_commands.describe(character="Show only pictures with this character")
    @app_commands.autocomplete(character=suggest_names)
    @answered
    async def history(self, context: RequestContext, character: str = "") -> Answer:
        """Show the channel's pictures, page by page."""
        return await build_history(context, character=str(character))

    @app_commands.command(name="status", description="Show the queue, your limit, recent problems and the version")
    @answered
    async def status(self, context: RequestContext) -> str:
        """Tell how things stand."""
        channel_id, person = context.channel_id, context.requester
        found = await context.services.status.report(channel_id, by=person)
        quote = describe_quote(await context.services.limits.quote(channel_id, by=person))
        return context.lines(*self._describe(found), quote, *_describe_troubles(found))

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
        sentences.append(Sentence(_OUTCOMES[outcome], {"count": count, "amount": amount}))
    return sentences


_OUTCOMES = {
    Outcome.PAINTED: gettext("- Drawn: {count}, {amount}"),
    Outcome.REFUSED: gettext("- Answered without a picture, and billed: {count}, {amount}"),
    Outcome.CANCELLED: gettext("- Cancelled after it was sent, and billed: {count}, {amount}"),
    Outcome.LOST: gettext("- Answer lost, the estimate counts: {count}, {amount}"),
    Outcome.RETURNED: gettext("- Not billed, given back: {count}, {amount}"),
}
"""The line of each outcome, a template."""


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
