"""The sample game: who plays, what happens, and how each turn reaches scene-art."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hero:
    """A character; `portrait` names a picture that the demo draws, empty for one who has none."""

    name: str
    portrait: str = ""


@dataclass(frozen=True)
class SampleTurn:
    """One turn of the game, and what the game publishes for it."""

    channel: str
    step: str
    """What the demo prints."""
    narrative: str
    heroes: tuple[Hero, ...] = ()
    requested: bool = True
    """False: the game stays silent, and the turn is drawn after the fallback's delay."""
    game_name: str = "The Lantern Road"


MIRA = Hero("Mira Ashdown", "mira")
TOBIN = Hero("Tobin Vale", "tobin")
ODELIA = Hero("Odelia Fenn")
ROOK = Hero("Rook", "rook")

TURNS = (
    SampleTurn(
        "lantern-road",
        "an explicit request: two characters with pictures, one without",
        "Night falls over the old forest. Mira Ashdown lifts her lantern and whispers the word that wakes it, and "
        "blue fire runs along the roots. “Stay close,” she says. Tobin Vale draws his sword and laughs, a little "
        "too loud; Odelia Fenn is already counting the eyes between the trees.",
        (MIRA, TOBIN, ODELIA),
    ),
    SampleTurn(
        "lantern-road",
        "a silent turn: nobody asks, so scene-art draws it by itself, with the cast from the game's state",
        "At dawn the road climbs out of the trees and into the snow of the mountains. The wind has a voice today. "
        "Far below, the village of Harrow lights its chimneys one by one, and the companions share the last of the "
        "bread without a word.",
        requested=False,
    ),
    SampleTurn(
        "corrupted-cartridge",
        "a Dark Loopmother session: another game master watches",
        "The dungeon loads again, and this time the walls are wrong. Doors open onto the same door. Rook swings the "
        "hammer at a skeleton made of broken tiles, and the skeleton says his name. Somewhere above the ceiling "
        "the Loopmother laughs, and a rainbow portal turns like an eye.",
        (ROOK, MIRA),
        game_name="Corrupted Cartridge",
    ),
    SampleTurn(
        "lantern-road",
        "another explicit request, in the same channel",
        "In the harbour tavern of Saltmere the fiddler stops playing. Tobin Vale sets the sealed chest on the table; "
        "candles shiver. “Whoever opens it,” Mira Ashdown says, “opens it in front of all of us.”",
        (TOBIN, MIRA),
    ),
)

PLAYERS = {"1001": MIRA, "1002": TOBIN, "1003": ODELIA}
"""Sample user ids and their active characters, as the game's state would hold them."""
