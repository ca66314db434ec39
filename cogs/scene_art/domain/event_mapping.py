"""From events to scenes: a new one, or changes of one that is known already."""

from __future__ import annotations

from .events import ArtRequest, GameEvent, TurnComplete
from .scene import Scene, SceneState, Source


def scene_of_request(event: ArtRequest, scene_id: str, now: float) -> Scene:
    """A new scene, as the game's request wants it."""
    return _scene_of(event, scene_id, now, Source.REQUEST, aspect_ratio=event.aspect_ratio)


def scene_of_turn(event: TurnComplete, scene_id: str, now: float) -> Scene:
    """A new scene, as the turn tells it. Who is in it is looked up where the turn does not say."""
    look_up_cast = not (event.character_urls or event.character_names)
    return _scene_of(event, scene_id, now, Source.TURN, look_up_cast=look_up_cast)


def _scene_of(
    event: GameEvent, scene_id: str, now: float, source: Source, *, aspect_ratio: str = "", look_up_cast: bool = False
) -> Scene:
    return Scene(
        id=scene_id,
        channel_id=event.channel_id,
        source=source,
        aspect_ratio=aspect_ratio,
        look_up_cast=look_up_cast,
        narrative=event.narrative,
        guild_id=event.guild_id,
        game_name=event.game_name,
        character_urls=event.character_urls,
        character_names=event.character_names,
        turn_id=event.turn_id,
        reply_to=event.message_id,
        heard_at=now,
        seed=int(scene_id[:8], 16),
    )


def requested(scene: Scene, event: ArtRequest) -> Scene:
    """The waiting turn's scene as the game's request wants it; what the request leaves out stays."""
    return scene.model_copy(
        update={
            "source": Source.REQUEST,
            "look_up_cast": False,
            "narrative": event.narrative,
            "character_urls": event.character_urls or scene.character_urls,
            "character_names": event.character_names or scene.character_names,
            "game_name": event.game_name or scene.game_name,
            "aspect_ratio": event.aspect_ratio,
            "reply_to": event.message_id or scene.reply_to,
            "guild_id": event.guild_id or scene.guild_id,
        }
    )


def merge_turn(scene: Scene, event: TurnComplete) -> Scene:
    """Complete the request's scene with what only the turn knew; a posted one stays as it is."""
    if scene.state is SceneState.POSTED:
        return scene
    return scene.model_copy(
        update={
            "reply_to": scene.reply_to or event.message_id,
            "guild_id": scene.guild_id or event.guild_id,
            "game_name": scene.game_name or event.game_name,
        }
    )
