"""`/scene-art history`, `status` and `recap`: people look at pictures, and at how things stand."""

from __future__ import annotations

from collections.abc import Iterator

import discord
from discord import app_commands

from ...i18n import Sentence, gettext, ngettext
from ...services.recap import Recap
from ...services.services import FindServices
from ...services.status import KeptReferences, Report
from ...store.budget import Books
from ...store.references import megabytes
from ...store.reservations import Outcome
from ...store.space import MEGABYTE
from ...text import escaped
from ..components.history import build_history
from ..components.progress import describe_quote
from ..context import Interaction, RequestContext
from ..responses import Answer, AnswerFile, edit, respond
from .part import Choices, CommandPart, Labelled, answered, label_by_value

REQUEST_LIMIT = 24 * 1024 * 1024
"""Discord's cap on a whole request, for both files of a recap."""


class HistoryCommands(CommandPart, name="history", description="Look at pictures"):
    """Translate between Discord and the services of history, status and recaps."""

    def __init__(self, find: FindServices, version: str) -> None:
        super().__init__(find)
        self._version = version

    async def suggest_names(self, interaction: Interaction, current: str) -> Choices:
        """Suggest the names of those who are in the channel's pictures. Never raises."""

        async def names(context: RequestContext) -> Labelled:
            page = await context.services.history.history(context.channel_id, by=context.requester)
            return label_by_value(page.names)

        return await self.suggest(interaction, current, names)

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
        space = _describe_references(found.references)
        return context.lines(*self._describe_report(found), quote, *space, *_describe_troubles(found))

    @app_commands.command(name="recap", description="Turn the last session into a comic page and a chapter to keep")
    @app_commands.describe(title="Title (default: the game's name)")
    async def recap(self, interaction: Interaction, title: app_commands.Range[str, 0, 100] = "") -> None:
        """Bind the channel's last session."""

        async def bind(context: RequestContext) -> Answer:
            await edit(interaction, gettext("Gathering pictures and laying out the page…"))
            recap = await context.services.recap.bind(
                context.channel_id,
                str(title) or _name_channel(interaction, context),
                by=context.requester,
                locale=context.locale,
                upload_limit=min(interaction.filesize_limit, REQUEST_LIMIT // 2),
            )
            return Answer(
                context.lines(*_describe_recap(recap)),
                files=(AnswerFile(recap.page_name, recap.page, recap.alt), AnswerFile("chapter.html", recap.chapter)),
                without_files=gettext("Discord didn't accept the recap. Try again in a minute."),
            )

        await respond(interaction, self.find, bind)

    def _describe_report(self, report: Report) -> Iterator[Sentence]:
        yield gettext(
            "**scene-art {version}**, discord.py {library}", version=self._version, library=discord.__version__
        )
        yield gettext(
            "Redis: connected. In the queue: {waiting}. In progress in this channel: {working}.",
            waiting=report.waiting,
            working=report.in_progress,
        )
        yield _describe_painter(report)
        if report.books is not None:
            yield _describe_spent(report.books, is_operators=report.is_operators)
            yield from _describe_money(report.books)


def _describe_painter(report: Report) -> Sentence:
    if report.painter != "gemini":
        return gettext("Painter: built-in storyboard. Pictures are free.")
    if not report.is_operators:
        return gettext("Painter: Gemini.")
    models = escaped(", ".join(report.models), 200)
    return gettext("Painter: Gemini ({models}). API keys: {keys}.", models=models, keys=report.keys)


def _describe_spent(books: Books, *, is_operators: bool) -> Sentence:
    if is_operators:
        return gettext("Spent today: {here} here, {all} in total.", here=books.server, all=books.all)
    return gettext("Spent today: {server} in this server.", server=books.server)


def _describe_money(books: Books) -> Iterator[Sentence]:
    """Tell on what this server spent today."""
    if books.reserved:
        yield gettext("Reserved for requests under way: {reserved}.", reserved=books.reserved)
    for outcome, (count, amount) in books.outcomes.items():
        yield Sentence(_OUTCOMES[outcome], {"count": count, "amount": amount})


_OUTCOMES = {
    Outcome.PAINTED: gettext("- Drawn: {count}, {amount}"),
    Outcome.REFUSED: gettext("- Answered without a picture, and billed: {count}, {amount}"),
    Outcome.CANCELLED: gettext("- Cancelled after it was sent, and billed: {count}, {amount}"),
    Outcome.LOST: gettext("- Answer lost, the estimate counts: {count}, {amount}"),
    Outcome.RETURNED: gettext("- Not billed, given back: {count}, {amount}"),
}
"""The line of each outcome, a template."""


def _describe_references(kept: KeptReferences) -> Iterator[Sentence]:
    """Tell how much reference pictures take up."""
    yield gettext("Your reference pictures: {used} of {most} MB, over all servers.", **_megabytes(kept.own))
    if kept.server is not None:
        yield gettext("Reference pictures of this server: {used} of {most} MB.", **_megabytes(kept.server))
    if kept.total is not None:
        yield gettext("Reference pictures of all servers: {used} of {most} MB.", **_megabytes(kept.total))


def _megabytes(kept: tuple[int, int]) -> dict[str, str | int]:
    used, most = kept
    return {"used": megabytes(used), "most": most // MEGABYTE}


def _describe_troubles(report: Report) -> Iterator[Sentence]:
    for scene in report.troubles:
        yield gettext(
            "Scene {id}, {when}: {why}",
            id=scene.id,
            when=f"<t:{int(scene.finished_at or scene.heard_at)}:R>",
            why=scene.sentence or gettext("no picture."),
        )


def _describe_recap(recap: Recap) -> Iterator[Sentence]:
    yield ngettext(
        "Recap of the last session ({count} scene): a comic page, and a chapter to keep.",
        "Recap of the last session ({count} scenes): a comic page, and a chapter to keep.",
        len(recap.scenes),
        count=len(recap.scenes),
    )
    yield gettext("Open `chapter.html` in a browser. Print it there to get a PDF.")
    if recap.missing:
        yield ngettext(
            "{count} picture is gone; its text is shown instead.",
            "{count} pictures are gone; their text is shown instead.",
            recap.missing,
            count=recap.missing,
        )
    if recap.hidden:
        yield ngettext(
            "{count} picture shows someone who is hidden now; its text is shown instead.",
            "{count} pictures show someone who is hidden now; their text is shown instead.",
            recap.hidden,
            count=recap.hidden,
        )


def _name_channel(interaction: Interaction, context: RequestContext) -> str:
    name = getattr(interaction.channel, "name", None)
    return f"#{name}" if name else context.lines(gettext("Our story"))
