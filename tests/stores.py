"""The stores of scenes, connected as the extension connects them."""

from __future__ import annotations

from datetime import timedelta

from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.due_list import DueList
from cogs.scene_art.store.inbox import Inbox
from cogs.scene_art.store.lock import Locks
from cogs.scene_art.store.pictures import PictureStore
from cogs.scene_art.store.scenes import SceneRepository

DAY = timedelta(days=1)


class Stores:
    """All of them, on one client."""

    def __init__(self, client: RedisClient, *, namespace: str = "scene_art", keep_scenes: int = 200) -> None:
        self.pictures = PictureStore(client, namespace=namespace, keep=DAY, keep_pictures=DAY)
        self.scenes = SceneRepository(
            client, namespace=namespace, pictures=self.pictures, keep_scenes=keep_scenes, keep=DAY
        )
        self.inbox = Inbox(client, namespace=namespace, scenes=self.scenes)
        self.due_list = DueList(client, namespace)
        self.locks = Locks(client, namespace)
