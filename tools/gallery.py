"""Draws the storyboard painter's contact sheet, 24 narratives with their casts: `make gallery`.

Each tile is a picture as the painter makes it, at half its size. A number beside a tile leads to its narrative, which
`python tools/gallery.py --list` prints.
"""

from __future__ import annotations

import io
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from cogs.scene_art.domain.painting import CastMember, Picture, Prompt, Role  # noqa: E402
from cogs.scene_art.domain.personas import ASSETS  # noqa: E402
from cogs.scene_art.lettering import readable  # noqa: E402
from cogs.scene_art.painters.storyboard import draw  # noqa: E402
from demo.portraits import portrait  # noqa: E402

SHEET = ROOT / "docs" / "pictures" / "storyboards.png"
COLUMNS, TILE, MARGIN = 4, (640, 360), 26
COLOURS = 256
"""Of the whole sheet: a tenth of the bytes, and little is lost."""
PAPER, INK = (24, 22, 34), (236, 232, 208)
MASTERS = {"stargazer": "Stargazer", "dark_loopmother": "The Dark Loopmother", "synced_entity": "The synced entity"}
DRAWN = ("mira", "tobin", "rook")
"""Characters with portraits in the demo; all others are drawn from the name."""


@dataclass(frozen=True)
class Tile:
    """A scene of the sheet."""

    story: str
    heroes: tuple[str, ...]
    master: str = "stargazer"


TILES = (
    Tile("Night falls over the old forest. Mira lifts her lantern, and blue fire runs along the roots. “Stay close,” "
         "says Mira.", ("Mira", "Tobin", "Odelia")),
    Tile("At noon the sun stands over the dunes. Far away the pyramids shimmer. Thessaly walks ahead on the road "
         "through the desert, and nobody has water left.", ("Thessaly", "Tobin", "Odelia")),
    Tile("The dungeon door falls shut. A skeleton rises from the stones and swings its sword. Rook takes 7 damage. "
         "“Is that all?” laughs Rook.", ("Rook", "Mira")),
    Tile("In the harbour tavern the fiddler stops playing. Tobin sets the sealed chest on the table; candles shiver. "
         "“Whoever opens it,” says Mira, “opens it in front of all of us.”", ("Tobin", "Mira", "Odelia", "Rook")),
    Tile("Storm! Rain lashes the deck of the ship, and the sail tears. “Hold on to the mast!” shouts Captain Ferro.",
         ("Captain Ferro", "Wren")),
    Tile("Neon signs glow over the wet streets of the megacity. Petra whispers the password, and the hologram "
         "answers.", ("Petra", "Kestrel-7"), "dark_loopmother"),
    Tile("Snow falls without a sound. The wolves have followed them across the glacier since dawn; now they attack.",
         ("Ranger Sia", "Mira", "Sir Wim")),
    Tile("The library has no end. Brother Aldo takes the one book that is warm, and finds his own name in it.",
         ("Brother Aldo",)),
    Tile("In the laboratory a flask bubbles over. “It was supposed to be blue,” says Doctor Quill.",
         ("Doctor Quill", "Mira")),
    Tile("The dragon lands on the wall of the castle. Fire washes over the battlements. Wizard Orlo raises his "
         "staff and casts the spell of frost.", ("Wizard Orlo", "Rook", "Tobin")),
    Tile("Evening in the village of Harrow. The chimneys smoke, and the companions rest and share their bread.",
         ("Mira", "Tamsin", "Odelia", "Sister Maren")),
    Tile("Deep in the cave, crystals hum. Behind the waterfall Rook discovers the treasure of the dwarves.",
         ("Rook", "Corvin")),
    Tile("The starship drifts. Outside the window the planet burns like an ember. “We are late,” says Kestrel-7.",
         ("Kestrel-7", "Juno")),
    Tile("There is no floor, no sky, only the portal and its rainbow. The Loopmother laughs and the void laughs back.",
         ("Ludo",), "dark_loopmother"),
    Tile("Fog lies on the swamp. Lights dance between the reeds, and something old sings under the water.",
         ("Ines", "Tobin")),
    Tile("Dawn at sea. The little boat reaches the island, and the gulls are the first to greet them.",
         ("Mira", "Captain Ferro")),
    Tile("In the temple the priestess lights a hundred candles. The altar glows, and the god begins to speak.",
         ("Sister Maren", "Rook"), "synced_entity"),
    Tile("The path climbs into the mountains. One bridge, one eagle, and a thousand steps to the summit.",
         ("Tobin", "Wren", "Bram")),
    Tile("Market day in the city! Under the bright awnings Vesper bargains for a map that nobody else can read.",
         ("Vesper", "Sorrel", "Tobin")),
    Tile("The old king is dead. They bury him at dusk under the great tree, and nobody finds a word.",
         ("Queen Ysolde", "Mira", "Sir Wim")),
    Tile("Bandits block the bridge in the forest. “Your purse or your boots!” Rook draws the hammer.\n"
         "Rook HP 18/30 MP 4/10\nMira HP 25/25 MP 12/12", ("Rook", "Mira")),
    Tile("Lightning splits the tower of the castle at midnight. In the court below, the duel goes on.",
         ("Sir Wim", "Captain Ferro"), "synced_entity"),
    Tile("Eight travellers, one fire, one clearing in the forest. Tonight each of them tells a story.",
         ("Mira", "Tobin", "Odelia", "Rook", "Wizard Orlo", "Captain Ferro", "Doctor Quill")),
    Tile("The sea is calm at night, and the moon draws a road of silver on it. “Good night, whale,” says Odelia.",
         ("Odelia", "Captain Ferro")),
)  # fmt: skip


def _member(name: str, folder: Path) -> CastMember:
    picture = None
    if name.casefold() in DRAWN:
        path = folder / f"{name}.png"
        path.write_bytes(portrait(name.casefold()))
        picture = Picture(path=path, mime="image/png", width=0, height=0)
    return CastMember(name=name, role=Role.CHARACTER, picture=picture)


def drawn(number: int) -> bytes:
    """The picture of a tile as a PNG of half its size."""
    tile = TILES[number]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = ASSETS / "personas" / f"{tile.master}.png"
        master = CastMember(
            name=MASTERS[tile.master],
            role=Role.GAME_MASTER,
            picture=Picture(path=path, mime="image/png", width=768, height=1184),
        )
        cast = (master, *(_member(hero, folder) for hero in tile.heroes))
        prompt = Prompt(scene_id="0" * 16, system="", parts=(), scene=tile.story, cast=cast, seed=number + 1)
        with Image.open(io.BytesIO(draw(prompt).data)) as image:
            small = image.resize(TILE, Image.Resampling.BOX)
    made = io.BytesIO()
    small.save(made, "PNG")
    return made.getvalue()


def sheet() -> Image.Image:
    """All tiles, numbered."""
    rows = -(-len(TILES) // COLUMNS)
    width, height = TILE[0] + MARGIN, TILE[1] + MARGIN
    page = Image.new("RGB", (COLUMNS * width + MARGIN, rows * height + MARGIN), PAPER)
    pen = ImageDraw.Draw(page)
    with ProcessPoolExecutor(max_workers=2) as pool:
        for number, made in enumerate(pool.map(drawn, range(len(TILES)))):
            x, y = MARGIN + number % COLUMNS * width, MARGIN + number // COLUMNS * height
            page.paste(Image.open(io.BytesIO(made)), (x, y))
            label, font = readable(str(number + 1), 18)
            pen.text((x + TILE[0] / 2, y + TILE[1] + MARGIN / 2), label, fill=INK, font=font, anchor="mm")
    return page


def main() -> None:
    """Draw the sheet, or list what it shows."""
    if "--list" in sys.argv:
        for number, tile in enumerate(TILES, start=1):
            print(f"{number:2}  {tile.story}")
        return
    few = sheet().quantize(COLOURS, method=Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)
    few.save(SHEET, "PNG", optimize=True)
    print(SHEET.relative_to(ROOT))


if __name__ == "__main__":
    main()
