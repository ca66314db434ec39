"""Texts of a posted picture: its caption, its alt text and its address."""

from __future__ import annotations

import discord

from ..domain.scene import Scene
from ..i18n import gettext, translate
from ..text import cut_on_word, one_line

NOBODY = discord.AllowedMentions.none()
ANSWER_SECONDS = 14 * 60.0
"""Time for which the answer to a command can still be edited. Discord allows fifteen minutes."""
ALT_TEXT_LIMIT = 1_024


def caption(scene: Scene, locale: str) -> str | None:
    """Write the text over the picture: a mention of a late picture's requester, and the link to the original."""
    lines = []
    if is_late(scene):
        lines.append(
            translate(gettext("{who}, here's the picture you asked for.", who=f"<@{scene.requested_by}>"), locale)
        )
    if scene.origin_message_id is not None:
        link = message_link(scene, scene.origin_message_id)
        varied = gettext("Variation of {link}", link=link)
        again = gettext("Rerendered from {link}", link=link)
        lines.append(translate(varied if scene.vary else again, locale))
    return "\n".join(lines) or None


def message_link(scene: Scene, message_id: str) -> str:
    """Return the address of a message in the scene's channel."""
    return f"https://discord.com/channels/{scene.guild_id or '@me'}/{scene.channel_id}/{message_id}"


def is_late(scene: Scene) -> bool:
    """Tell whether the picture came too late to edit the answer that its requester watched."""
    asked = scene.requested_by is not None
    ended = scene.painted_at or scene.finished_at or scene.heard_at
    return asked and ended - scene.heard_at > ANSWER_SECONDS


def only(user_id: str | None) -> discord.AllowedMentions:
    """Allow mentions of one person and nobody else."""
    users = [discord.Object(int(user_id))] if user_id else []
    return discord.AllowedMentions(everyone=False, roles=False, replied_user=False, users=users)


def alt_text(scene: Scene, locale: str) -> str:
    """Write the alt text: the story and, in `locale`'s words, who is in it; at most `ALT_TEXT_LIMIT` characters."""
    names = [
        ref.name for ref in scene.prompt_record.references if ref.role in {"game_master", "character"} and ref.name
    ]
    cast = " " + translate(gettext("With {names}.", names=", ".join(names)), locale) if names else ""
    story = one_line(scene.narrative)
    room = ALT_TEXT_LIMIT - len(cast)
    return cut_on_word(f"{cut_on_word(story, max(200, room))}{cast}", ALT_TEXT_LIMIT)
