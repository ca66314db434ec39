"""`/scene-art recap`: a session to keep."""

from __future__ import annotations

from discord import app_commands

from ...i18n import Sentence, gettext, ngettext
from ...services.recap import Recap
from ..context import Interaction, RequestContext
from ..responses import Answer, AnswerFile, edit, respond
from .part import CommandPart

REQUEST_LIMIT = 24 * 1024 * 1024
"""Discord's cap on a whole request, for both files."""


class RecapCommands(CommandPart, name="recap", description="Keep a session"):
    """Translate between Discord and the recap service."""

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
                context.lines(*_describe(recap)),
                files=(AnswerFile(recap.page_name, recap.page, recap.alt), AnswerFile("chapter.html", recap.chapter)),
                without_files=gettext("Discord didn't accept the recap. Try again in a minute."),
            )

        await respond(interaction, self.find, bind)


def _describe(recap: Recap) -> list[Sentence]:
    sentences = [
        ngettext(
            "Recap of the last session ({count} scene): a comic page, and a chapter to keep.",
            "Recap of the last session ({count} scenes): a comic page, and a chapter to keep.",
            len(recap.scenes),
            count=len(recap.scenes),
        ),
        gettext("Open `chapter.html` in a browser. Print it there to get a PDF."),
    ]
    if recap.missing:
        sentences.append(
            ngettext(
                "{count} picture is gone; its text is shown instead.",
                "{count} pictures are gone; their text is shown instead.",
                recap.missing,
                count=recap.missing,
            )
        )
    return sentences


def _name_channel(interaction: Interaction, context: RequestContext) -> str:
    name = getattr(interaction.channel, "name", None)
    return f"#{name}" if name else context.lines(gettext("Our story"))
