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
JUNO = Hero("Juno", "juno")
KESTREL = Hero("Kestrel-7")

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
        "Far below, Harrow lights its lamps one by one, and the companions walk on towards the summit without a word.",
        requested=False,
    ),
    SampleTurn(
        "corrupted-cartridge",
        "a Dark Loopmother session: another game master watches",
        "The dungeon loads again, and this time the walls are wrong. Doors open onto the same door. Rook swings the "
        "hammer at a skeleton made of broken tiles, and it takes 12 damage. “I know your name,” it says. Somewhere "
        "above the ceiling the Loopmother laughs.\nRook HP 21/30\nJuno HP 9/18 MP 14/20",
        (ROOK, JUNO),
        game_name="Corrupted Cartridge",
    ),
    SampleTurn(
        "star-heron",
        "another game in another channel: a starship, and somebody who is no human",
        "The starship drifts. Beyond the window the planet burns like an ember in the dark. “We are three hundred "
        "years late,” says Kestrel-7, and nobody on the bridge can think of an excuse.",
        (KESTREL, JUNO),
        game_name="The Star Heron",
    ),
    SampleTurn(
        "lantern-road",
        "an explicit request with magic in it",
        "At noon the dragon lands on the wall of the castle, and fire washes over the battlements. Mira Ashdown raises "
        "her lantern and casts the spell that she was never to cast. Tobin Vale does not look back.",
        (MIRA, TOBIN),
    ),
    SampleTurn(
        "crown-and-loop",
        "the crown is held by somebody whom the operator has named: the game masters become one",
        "Neon runs down the streets of the megacity like rain. Juno holds up the crown, and every hologram turns to "
        "look at her. “Sync,” says Juno.",
        (JUNO, ROOK),
        game_name="Dark Loopmother",
    ),
    SampleTurn(
        "lantern-road",
        "the session's end, in the same channel",
        "In the harbour tavern of Saltmere the fiddler stops playing. Tobin Vale sets the sealed chest on the table; "
        "candles shiver. “Whoever opens it,” Mira Ashdown says, “opens it in front of all of us.”",
        (TOBIN, MIRA, ODELIA, ROOK),
    ),
)

PLAYERS = {"1001": MIRA, "1002": TOBIN, "1003": ODELIA}
"""Sample user ids and their active characters, as the game's state would hold them."""
CROWN_HOLDER = "1004"
"""The sample user who holds the crown in #crown-and-loop."""
