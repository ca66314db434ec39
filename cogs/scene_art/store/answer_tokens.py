"""How somebody is answered where the bot itself is not: by the token of their command, as long as it lives.

    {namespace}:{<channel>}:answer:<id>   the application's id and the token; kept for less than fifteen minutes

Such a token is a secret of its fifteen minutes, so that it stands in a key of its own and in no record of a scene.
"""

from __future__ import annotations

from ..domain.permissions import AnswerToken
from ..domain.scene import Scene
from .connection import RedisClient
from .reading import get_at_most, sound_pipeline, value
from .timeouts import within_timeout

KEPT_SECONDS = 14 * 60
TOKEN_BYTES = 1_000


class AnswerTokens:
    """Every method may raise `TransientError`: Redis is away."""

    def __init__(self, client: RedisClient, namespace: str) -> None:
        self._client = client
        self._namespace = namespace

    async def put(self, scene: Scene, answer: AnswerToken) -> None:
        """Keep the token with which `scene` is to be shown."""
        pipe = sound_pipeline(self._client)
        pipe.set(self._key(scene), f"{answer.application_id} {answer.token}", ex=KEPT_SECONDS)
        async with within_timeout():
            await pipe.execute()

    async def of(self, scene: Scene) -> AnswerToken | None:
        """The token; None when its time is over."""
        key = self._key(scene)
        pipe = sound_pipeline(self._client)
        get_at_most(self._client, pipe, key, TOKEN_BYTES)
        async with within_timeout():
            [raw] = await pipe.execute()
        found = value(key, raw, TOKEN_BYTES)
        number, _, token = (found or b"").decode("ascii", "replace").partition(" ")
        fits = number.isdecimal() and token.isprintable() and bool(token) and "/" not in token
        return AnswerToken(int(number), token) if fits else None

    def _key(self, scene: Scene) -> str:
        return f"{self._namespace}:{{{scene.channel_id}}}:answer:{scene.id}"
