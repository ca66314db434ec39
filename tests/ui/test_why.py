"""What the button Why tells, and what the alt text says, in the reader's language to the last word."""

from __future__ import annotations

import pytest

from cogs.scene_art.discord_io.captions import alt_text
from cogs.scene_art.domain.depiction import UNDEPICTED
from cogs.scene_art.domain.scene import PromptRecord, Scene, Source, UsedReference
from cogs.scene_art.errors import ReferenceUnavailableError
from cogs.scene_art.pipeline.cast import NOT_GIVEN
from cogs.scene_art.references.problems import NOT_ALLOWED, in_short
from cogs.scene_art.ui.components.why import tell_story


def scene(**used: object) -> Scene:
    given = {"name": "Mira", "role": "character", "arrived": False} | used
    return Scene(
        id="0" * 16,
        channel_id="1",
        source=Source.TURN,
        narrative="The gate opens.",
        painter="gemini",
        brief=PromptRecord(references=(UsedReference.model_validate(given),)),
    )


def last_line(locale: str, **used: object) -> str:
    return [line.translated(locale) for line in tell_story(scene(**used))][-1]


@pytest.mark.parametrize(
    ("because", "english", "german"),
    [
        (UNDEPICTED, "hidden: shown as a silhouette", "verborgen: als Silhouette gezeigt"),
        ("left out: the painter declined it", "declined by the painter", "vom Maler abgelehnt"),
        ("http://r.example/a.png: too slow", "couldn't be loaded", "konnte nicht geladen werden"),
    ],
)
def test_a_reason_is_told_in_every_language_and_without_an_address(because: str, english: str, german: str) -> None:
    assert last_line("en-US", missing_because=because) == f"❌ Mira: reference picture not used ({english})."
    assert last_line("de", missing_because=because) == f"❌ Mira: Bildvorlage nicht verwendet ({german})."


def test_the_reason_of_a_failed_download_is_kept_in_few_words() -> None:
    why = in_short(ReferenceUnavailableError("http://10.0.0.1/a.png: a private address", sentence=NOT_ALLOWED))
    kept = Scene.model_validate_json(scene(missing_because="…", told_because=why).model_dump_json())

    assert [str(line) for line in tell_story(kept)][-1] == "❌ Mira: reference picture not used (link not allowed)."
    assert last_line("fr", missing_because="…", told_because=why).endswith("(lien non autorisé).")


def test_who_has_no_picture_is_drawn_from_the_text() -> None:
    assert last_line("en-US", missing_because=NOT_GIVEN) == "▫️ Mira: no reference picture, drawn from the text."


@pytest.mark.parametrize(
    ("role", "name", "line"),
    [
        ("base", "the picture to vary", "✅ das Bild für die Variante: Bildvorlage verwendet."),
        ("upload", "added picture 2", "✅ hinzugefügtes Bild 2: Bildvorlage verwendet."),
        ("character", "added picture 2", "✅ added picture 2: Bildvorlage verwendet."),
    ],
)
def test_our_own_names_of_pictures_are_told_in_the_readers_language(role: str, name: str, line: str) -> None:
    assert last_line("de", role=role, name=name, arrived=True) == line


def test_the_alt_text_is_told_in_the_channels_language() -> None:
    assert alt_text(scene(arrived=True), "en-US") == "The gate opens. With Mira."
    assert alt_text(scene(arrived=True), "de") == "The gate opens. Mit Mira."
