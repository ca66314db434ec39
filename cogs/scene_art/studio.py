"""What people can do with scenes, without any Discord type: the one service behind commands and buttons."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from .drawing.styles import Style, Styles
from .errors import CannotDoError, TransientError
from .painters.models import RATIOS_14
from .people.allowance import Allowance
from .people.blocks import Blocks
from .people.person import Person, check_deletion, check_moderator, check_person
from .scene import Scene, SceneState, Source
from .settings import Settings
from .speech import say
from .storage.ledger import Ledger
from .text import clean, cut_on_word, one_line

RECENT = 25
"""How many scenes a person can choose from: as many as Discord shows in a list."""
FOLLOW_EVERY_SECONDS = 0.2
NOTES_LIMIT = 1_000
_UNKNOWN_PICTURE = say("I do not know this picture any more. A moderator can delete the message by hand.")


class SceneClock(Protocol):
    """What the studio needs of the engine."""

    async def wake_scene(self, channel_id: str, scene_id: str, at: float | None = None) -> None: ...


class Eraser(Protocol):
    """What the studio needs to take a picture away again."""

    async def erase(self, scene: Scene) -> None: ...


class Studio:
    """Every method checks who asks. Every method may raise `TransientError` when Redis is away."""

    def __init__(
        self,
        settings: Settings,
        *,
        ledger: Ledger,
        styles: Styles,
        clock: SceneClock,
        allowance: Allowance,
        blocks: Blocks,
        eraser: Eraser,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._styles = styles
        self._clock = clock
        self._allowance = allowance
        self._blocks = blocks
        self._eraser = eraser
        self._now = now

    @property
    def styles(self) -> tuple[Style, ...]:
        """The looks to choose from."""
        return self._styles.all

    async def recent(self, channel_id: str, *, by: Person) -> list[Scene]:
        """The channel's scenes that can be painted again, newest first.

        Raises:
            CannotDoError: they may not.
        """
        await self._check(by, channel_id)
        return [scene for scene in await self._ledger.recent(channel_id, RECENT) if scene.state.finished]

    async def rerender(
        self,
        channel_id: str,
        *,
        by: Person,
        scene: str = "",
        notes: str = "",
        aspect: str = "",
        style: str = "",
    ) -> Scene:
        """Begin to paint a scene of the channel again: the one that `scene` names by id or title, or the last one.

        What is left empty stays as it was. Returns the new scene, to be followed with `follow`.

        Raises:
            CannotDoError: they may not, there is no such scene, a choice is unknown, or a limit is reached.
        """
        await self._check(by, channel_id)
        notes = clean(notes)
        if len(notes) > NOTES_LIMIT:
            raise CannotDoError(
                say(
                    "Notes can have up to {limit} characters; these have {length}. Please shorten them.",
                    limit=NOTES_LIMIT,
                    length=len(notes),
                )
            )
        original = await self._original(channel_id, scene)
        changes = {
            "aspect_ratio": self._known_aspect(aspect),
            "style": self._known_style(style),
            "notes": notes,
        }
        wanted = {key: value for key, value in changes.items() if value}
        redo = again(original, by, wanted, self._now())
        await self._allowance.take(redo)
        await self._ledger.add(redo)
        await self._ledger.note_open(f"{channel_id}/{redo.id}", self._now())
        await self._wake(redo)
        return redo

    async def _wake(self, redo: Scene) -> None:
        try:
            await self._clock.wake_scene(redo.channel_id, redo.id)
        except TransientError as exc:
            # Nobody will ever draw it: it must not count as one that is being drawn.
            failed = redo.moved(SceneState.FAILED, reason=exc.detail, sentence=exc.sentence, finished_at=self._now())
            with contextlib.suppress(TransientError):
                await self._ledger.save(failed)
            raise

    async def delete(self, channel_id: str, scene_id: str, message_id: str, *, by: Person) -> None:
        """Take a posted picture away; the scene stays known and can be painted again.

        `message_id` is the message under which this was asked for. It is deleted if it is the scene's, and no other.

        Raises:
            CannotDoError: they may not, or there is no such picture (any more).
            PostError: Discord does not let the bot delete it.
        """
        blocked = await self._blocks.of(by.guild_id)
        scene = await self._ledger.scene(channel_id, scene_id)
        if scene is None:
            check_person(by, channel_id, self._settings, blocked)
            raise CannotDoError(_UNKNOWN_PICTURE)
        check_deletion(by, scene, self._settings, blocked)
        if not scene.state.finished:
            raise CannotDoError(say("This picture is only just being posted. Please try again in a moment."))
        if scene.message_id is None:
            raise CannotDoError(say("This picture is gone already."))
        if scene.message_id != message_id:
            raise CannotDoError(_UNKNOWN_PICTURE)
        await self._eraser.erase(scene)
        await self._ledger.save(scene.model_copy(update={"message_id": None, "deleted_by": by.user_id}))

    async def blocked(self, *, by: Person) -> tuple[str, ...]:
        """The ids of the users and channels that are blocked in the person's server, in no order.

        Raises:
            CannotDoError: they are no moderator.
        """
        check_moderator(by)
        return tuple(await self._blocks.of(by.guild_id))

    async def block(self, what: str, *, by: Person) -> None:
        """Block a user or channel of the person's server by its id.

        Raises:
            CannotDoError: they are no moderator, or too many are blocked.
        """
        check_moderator(by)
        await self._blocks.block(_server_of(by), what)

    async def unblock(self, what: str, *, by: Person) -> None:
        """Undo a block.

        Raises:
            CannotDoError: they are no moderator.
        """
        check_moderator(by)
        await self._blocks.unblock(_server_of(by), what)

    async def _check(self, by: Person, channel_id: str) -> None:
        check_person(by, channel_id, self._settings, await self._blocks.of(by.guild_id))

    async def _original(self, channel_id: str, wanted: str) -> Scene:
        if len(wanted) == 16 and (exact := await self._ledger.scene(channel_id, wanted)):
            return exact
        scenes = await self._ledger.recent(channel_id, self._settings.keep_scenes)
        if wanted:
            found = named(scenes, wanted)
            if found is None:
                raise CannotDoError(
                    say("I do not know that scene any more. Please choose one from the list, or none for the last one.")
                )
            return found
        drawn = [s for s in scenes if s.state is SceneState.POSTED] or [
            s for s in scenes if s.state is not SceneState.WAITING
        ]
        if not drawn:
            raise CannotDoError(
                say("There is no scene in this channel yet. One appears when the game completes its next turn.")
            )
        return drawn[0]

    def _known_aspect(self, aspect: str) -> str:
        wanted = one_line(aspect).replace(" ", "")
        if wanted and wanted not in RATIOS_14:
            raise CannotDoError(
                say("I do not know that aspect. Please choose one of {aspects}.", aspects=", ".join(RATIOS_14))
            )
        return wanted

    def _known_style(self, style: str) -> str:
        if not style.strip():
            return ""
        found = self._styles.find(style)
        if found is None:
            names = cut_on_word(", ".join(known.name for known in self.styles), 1_000)
            raise CannotDoError(say("I do not know that style. Please choose one of {names}.", names=names))
        return found.id

    async def follow(self, scene: Scene) -> AsyncIterator[Scene]:
        """The scene as it stands, several times a second, until it is finished. Survives outages of Redis."""
        now: Scene | None = scene
        while now is not None and not now.state.finished:
            await asyncio.sleep(FOLLOW_EVERY_SECONDS)
            with contextlib.suppress(TransientError):
                now = await self._ledger.scene(scene.channel_id, scene.id)
            if now is not None:
                yield now


def named(scenes: Sequence[Scene], wanted: str) -> Scene | None:
    """The one of `scenes` that `wanted` means: its whole story, else the beginning of it, else some words in it.

    Autocomplete may send a choice's label back instead of its value: `4 min ago, skipped: The gate falls…`.
    """
    line = one_line(wanted)
    _, _, behind_age = line.partition(": ")
    names = [name for text in (line, behind_age) if (name := text.removesuffix("…").rstrip().casefold())]
    # Stories are clean already, and cleaning two hundred again would hold the event loop up.
    stories = [(" ".join(scene.narrative.split()).casefold(), scene) for scene in scenes]
    for fits in (str.__eq__, str.startswith, str.__contains__):
        for name in names:
            for story, scene in stories:
                if fits(story, name):
                    return scene
    return None


def _server_of(person: Person) -> str:
    if person.guild_id is None:
        raise CannotDoError(say("Blocks belong to a server. Please use this command in one."))
    return person.guild_id


def again(original: Scene, by: Person, changes: dict[str, str], now: float) -> Scene:
    """A copy of `original` to be painted afresh, with another seed and what the person changed."""
    return Scene(
        **{
            **original.model_dump(
                include={
                    "channel_id",
                    "narrative",
                    "game_name",
                    "character_urls",
                    "character_names",
                    "aspect_ratio",
                    "look_up_cast",
                    "turn_id",
                    "reply_to",
                    "notes",
                    "style",
                }
            ),
            **changes,
            "id": secrets.token_hex(8),
            "source": Source.PERSON,
            "redo_of": original.id,
            "guild_id": by.guild_id or original.guild_id,
            "requested_by": by.user_id,
            "heard_at": now,
            "seed": secrets.randbits(32),
        }
    )
