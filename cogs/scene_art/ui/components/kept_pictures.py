"""Pictures that came after their scene was cancelled: kept for a while, and shown to whoever asked for them."""

from __future__ import annotations

import hashlib
import io
import re
from typing import Any

import discord

from ...discord_io.captions import alt_text
from ...domain.scene import Scene
from ...errors import SceneArtError
from ...i18n import gettext, translate
from ...services.services import FindServices
from ..requester import requester_of
from ..responses import TROUBLES, Interaction, edit, in_words, thinking

TITLE_LIMIT = 60


class KeptButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.LayoutView]],
    template=r"scene_art:kept:(?P<scene>[0-9a-f]{16})",
):
    """Shows such a picture to the person alone."""

    find: FindServices

    def __init__(self, scene_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"scene_art:kept:{scene_id}"))
        self.scene_id = scene_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> KeptButton:
        """The button that was pressed."""
        return cls(match["scene"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer the person alone."""
        await show_kept(interaction, self.find, self.scene_id)


def kept_button(scene: Scene, locale: str) -> discord.ui.Button[Any]:
    """The button that shows the picture of `scene`."""
    label = translate(gettext("Show: {title}", title=scene.title(TITLE_LIMIT)), locale)
    return discord.ui.Button(label=label, emoji="🖼️", custom_id=f"scene_art:kept:{scene.id}")


async def show_kept(interaction: Interaction, find: FindServices, scene_id: str) -> None:
    """Answer the person alone with the picture, or with a sentence that says why not."""
    if not await thinking(interaction):
        return
    try:
        channel_id, person = str(interaction.channel_id), requester_of(interaction)
        scene, picture = await find().history.kept_picture(channel_id, scene_id, by=person)
    except SceneArtError as exc:
        await edit(interaction, exc.sentence)
        return
    sentence = gettext(
        "This picture arrived after it was cancelled. It is charged but not posted; only you can see it here."
    )
    try:
        await interaction.edit_original_response(
            content=in_words(interaction, sentence),
            attachments=[_file(scene, picture, str(interaction.locale))],
            allowed_mentions=discord.AllowedMentions.none(),
        )
    except TROUBLES:
        await edit(interaction, gettext("Discord didn't accept the picture. Try again in a minute."))


def _file(scene: Scene, picture: bytes, locale: str) -> discord.File:
    ending = scene.mime.removeprefix("image/").replace("jpeg", "jpg")
    name = f"scene_{hashlib.sha256(picture).hexdigest()[:12]}.{ending}"
    return discord.File(io.BytesIO(picture), filename=name, description=alt_text(scene, locale), spoiler=scene.hidden)
