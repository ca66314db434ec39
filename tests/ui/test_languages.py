"""People are answered in their own language, the channel in its server's, and commands are called by local names."""

from __future__ import annotations

import pytest

from sandbox import Channel
from tests.stage import Stage, answered, ended

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_everybody_is_answered_in_their_own_language(stage: Stage, channel: Channel) -> None:
    discord = stage.sandbox.discord
    message = await stage.shown(channel)
    told = {}
    for locale in ("en-US", "de", "fr", "es-ES", "es-419", "pt-BR", "ja", "fi"):
        person = discord.add_user(f"Somebody {locale}")
        person.locale = locale
        told[locale] = await stage.pressed(message, "Delete", person)

    assert told["de"].startswith("Das darf nur, wer dieses Bild angefordert hat")
    assert told["es-419"] == told["es-ES"]
    assert told["fi"] == told["en-US"], "English where there is no translation"
    assert len(set(told.values())) == 6


async def test_buttons_speak_the_servers_language_and_panels_the_persons(stage: Stage) -> None:
    discord = stage.sandbox.discord
    guild = discord.add_guild("Die Laternengilde")
    guild.locale = "de"
    discord.world.tell("GUILD_UPDATE", guild, guild)
    channel = discord.add_text_channel(guild, "geschichte")
    guard = discord.add_user("Wache", permissions=1 << 13)
    guard.locale = "ja"

    message = await stage.shown(channel)
    labels = [button.label.partition(" (")[0] for button in message.buttons]
    assert labels == ["Neu malen", "Ändern", "Variieren", "Warum?", "Löschen", "Spoiler"]
    assert "チャンネルの設定" in await answered(await discord.run_command(channel, guard, "scene-art settings"))
    redone = await discord.press(message, message.button("Neu malen").custom_id, guard)
    assert (await ended(redone)).startswith("絵ができました")
    assert stage.posts(channel)[-1].content.startswith("Neu gemalt nach ")


async def test_commands_and_options_have_local_names(stage: Stage) -> None:
    [group] = [command for command in stage.sandbox.discord.commands if command["name"] == "scene-art"]
    inner = {option["name"]: option for option in group["options"]}

    assert inner["draw"]["name_localizations"]["de"] == "zeichnen"
    assert inner["draw"]["description_localizations"]["fr"] == "Dessiner une scène que tu décris"
    assert {"de", "fr", "es-ES", "es-419", "pt-BR", "ja"} <= set(inner["history"]["name_localizations"])
    names = {option["name"]: option["name_localizations"]["ja"] for option in inner["draw"]["options"]}
    assert names["style"] == "画風"
