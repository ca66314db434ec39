"""The sample game: who plays, what happens, and how each turn reaches scene-art."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.accounts import MODERATOR, OTHER_PLAYER, PLAYER


@dataclass(frozen=True)
class Hero:
    """A character; `portrait` names a picture that the demo draws, empty for one who has none."""

    name: str
    portrait: str = ""


@dataclass(frozen=True)
class SampleTurn:
    """One turn of the game, and what the game publishes for it."""

    channel: str
    summary: str
    """What happens, in a few words of a player's."""
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
        "Mira wakes a blue fire in the old forest at night",
        "Night falls over the old forest. Mira Ashdown lifts her lantern and whispers the word that wakes it, and "
        "blue fire runs along the roots. “Stay close,” she says. Tobin Vale draws his sword and laughs, a little "
        "too loud; Odelia Fenn is already counting the eyes between the trees.",
        (MIRA, TOBIN, ODELIA),
    ),
    SampleTurn(
        "lantern-road",
        "the companions climb through the snow of the mountains",
        "At dawn the road climbs out of the trees and into the snow of the mountains. The wind has a voice today. "
        "Far below, Harrow lights its lamps one by one, and the companions walk on towards the summit without a word.",
        requested=False,
    ),
    SampleTurn(
        "corrupted-cartridge",
        "Rook fights a skeleton of broken tiles",
        "The dungeon loads again, and this time the walls are wrong. Doors open onto the same door. Rook swings the "
        "hammer at a skeleton made of broken tiles, and it takes 12 damage. “I know your name,” it says. Somewhere "
        "above the ceiling the Loopmother laughs.\nRook HP 21/30\nJuno HP 9/18 MP 14/20",
        (ROOK, JUNO),
        game_name="Corrupted Cartridge",
    ),
    SampleTurn(
        "star-heron",
        "Kestrel-7 sees a planet burn from the starship's bridge",
        "The starship drifts. Beyond the window the planet burns like an ember in the dark. “We are three hundred "
        "years late,” says Kestrel-7, and nobody on the bridge can think of an excuse.",
        (KESTREL, JUNO),
        game_name="The Star Heron",
    ),
    SampleTurn(
        "lantern-road",
        "a dragon lands on the wall, and Mira casts her spell",
        "At noon the dragon lands on the wall of the castle, and fire washes over the battlements. Mira Ashdown raises "
        "her lantern and casts the spell that she was never to cast. Tobin Vale does not look back.",
        (MIRA, TOBIN),
    ),
    SampleTurn(
        "crown-and-loop",
        "Juno holds up the crown in the city of neon",
        "Neon runs down the streets of the megacity like rain. Juno holds up the crown, and every hologram turns to "
        "look at her. “Sync,” says Juno.",
        (JUNO, ROOK),
        game_name="Dark Loopmother",
    ),
    SampleTurn(
        "lantern-road",
        "Tobin puts a sealed chest on the table of the tavern",
        "In the harbour tavern of Saltmere the fiddler stops playing. Tobin Vale sets the sealed chest on the table; "
        "candles shiver. “Whoever opens it,” Mira Ashdown says, “opens it in front of all of us.”",
        (TOBIN, MIRA, ODELIA, ROOK),
    ),
)

ABSENT = "1003"
"""The id of a player who is not there today."""
PLAYERS: dict[str, Hero] = {PLAYER: MIRA, OTHER_PLAYER: TOBIN, MODERATOR: JUNO, ABSENT: ODELIA}
"""The active characters, by the account whose they are."""

CHANNELS = {
    "lantern-road": "A fantasy game. Robin plays Mira Ashdown, Kim plays Tobin Vale.",
    "corrupted-cartridge": "A darker game: the Dark Loopmother is its game master, and points are counted.",
    "star-heron": "Another game at the same time: a starship, and a crew member who is no human.",
    "crown-and-loop": "Morgan plays Juno and holds the crown: player and game master become one.",
    "playground": "Nothing is played here yet. Press “Play a turn”, and the game is yours.",
}
"""Every channel, and the line that says what happens there."""
