"""All kinds of buttons and lists, as the bot gets to know them."""

from __future__ import annotations

from ...services.services import FindServices
from .buttons import UNDER_PICTURES
from .characters import CastPageButton
from .history import CharacterSelect, HistoryPageButton, KeptPictureButton
from .persistent import PersistentItem
from .progress import CancelButton
from .settings_panel import ScopeButton, SettingSelect

KINDS: tuple[type[PersistentItem], ...] = (
    *UNDER_PICTURES,
    CancelButton,
    HistoryPageButton,
    CharacterSelect,
    KeptPictureButton,
    ScopeButton,
    SettingSelect,
    CastPageButton,
)


def bind_all(find: FindServices) -> tuple[type[PersistentItem], ...]:
    """Make classes of all kinds that find their services: one each per loaded extension, no global state."""
    return tuple(_bind(kind, find) for kind in KINDS)


def _bind(kind: type[PersistentItem], find: FindServices) -> type[PersistentItem]:
    class Bound(kind, template=kind.__discord_ui_compiled_template__):  # type: ignore[misc, valid-type, call-arg]
        pass

    Bound.find = staticmethod(find)
    return Bound
