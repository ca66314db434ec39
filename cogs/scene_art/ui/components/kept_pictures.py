"""Pictures that came after their scene was cancelled: kept for a while, and shown to whoever asked for them."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Any

import discord

from ...discord_io.captions import alt_text
from ...domain.scene import Scene
from ...i18n import gettext, translate
from ..context import Interaction, RequestContext
from ..responses import Answer, AnswerFile, respond
from .persistent import SCENE_ID, PersistentItem

TITLE_LIMIT = 60


class KeptPictureButton(PersistentItem, template=f"scene_art:kept:{SCENE_ID}"):
    """Show such a picture to the person alone."""

    async def serve(self, interaction: Interaction) -> None:
        """Answer the person alone."""
        await respond(interaction, self.find, partial(_show, self.about["scene"]))


def build_kept_button(scene: Scene, locale: str) -> discord.ui.Button[Any]:
    """Build the button that shows the picture of `scene`."""
    label = translate(gettext("Show: {title}", title=scene.title(TITLE_LIMIT)), locale)
    return discord.ui.Button(label=label, emoji="🖼️", custom_id=f"scene_art:kept:{scene.id}")


async def _show(scene_id: str, context: RequestContext) -> Answer:
    history = context.services.history
    scene, picture = await history.kept_picture(context.channel_id, scene_id, by=context.requester)
    ending = scene.mime.removeprefix("image/").replace("jpeg", "jpg")
    name = f"scene_{hashlib.sha256(picture).hexdigest()[:12]}.{ending}"
    return Answer(
        gettext("This picture arrived after it was cancelled. It is charged but not posted; only you can see it here."),
        files=(AnswerFile(name, picture, alt_text(scene, context.locale), is_spoiler=scene.is_spoiler),),
        without_files=gettext("Discord didn't accept the picture. Try again in a minute."),
    )
