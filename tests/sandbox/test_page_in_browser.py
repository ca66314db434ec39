"""The page in a real browser: what a person sees, by mouse and by keyboard, on a desk and on a phone."""

from __future__ import annotations

import io
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest
from discord import app_commands
from discord.ext import commands
from PIL import Image

from sandbox import Channel, PlayedTurn, Sandbox, User, wait_until
from tools.browser import NAMES, Browser

pytestmark = pytest.mark.skipif(
    not any(map(shutil.which, NAMES)), reason=f"no browser: none of {', '.join(NAMES)} is on the PATH"
)

LINE, LAST = "#line", "[...document.querySelectorAll('.message')].at(-1)"
FOCUSED = "document.activeElement"


def png(colour: str = "teal", size: tuple[int, int] = (320, 180)) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, "PNG")
    return made.getvalue()


@pytest.fixture
async def browser(sandbox: Sandbox, channel: Channel) -> AsyncIterator[Browser]:
    async with Browser(width=1280, height=800) as opened:
        await opened.open(sandbox.page_url)
        await opened.until("document.title.includes('story')")
        yield opened
        assert opened.complaints == []


async def see(browser: Browser, text: str) -> None:
    await browser.until(f"{LAST}?.innerText.includes({text!r})")


@pytest.fixture
def greeter(bot: commands.Bot) -> list[str]:
    """A bot with a command, a button, a list and a form; what it was told."""
    told: list[str] = []

    class Form(discord.ui.Modal, title="Wishes"):
        wish: discord.ui.TextInput[Form] = discord.ui.TextInput(label="Your wish", style=discord.TextStyle.paragraph)

        async def on_submit(self, interaction: discord.Interaction) -> None:
            told.append(self.wish.value)
            await interaction.response.send_message(f"Wished: {self.wish.value}")

    class Panel(discord.ui.View):
        @discord.ui.button(label="Wish")
        async def form(self, interaction: discord.Interaction, _: discord.ui.Button[Panel]) -> None:
            await interaction.response.send_modal(Form())

        @discord.ui.button(label="Count")
        async def count(self, interaction: discord.Interaction, _: discord.ui.Button[Panel]) -> None:
            told.append("count")
            await interaction.response.edit_message(content=f"Counted {told.count('count')}")

        @discord.ui.select(options=[discord.SelectOption(label="Red"), discord.SelectOption(label="Blue")])
        async def colour(self, interaction: discord.Interaction, select: discord.ui.Select[Panel]) -> None:
            told.append(select.values[0])
            await interaction.response.send_message(f"Chose {select.values[0]}", ephemeral=True)

    @app_commands.command(name="greet", description="Greet somebody")
    async def greet(interaction: discord.Interaction, name: str) -> None:
        await interaction.response.send_message(f"Good evening, {name}", view=Panel())

    @greet.autocomplete("name")
    async def names(_: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"Queen {current}", value="the-queen")]

    @app_commands.command(name="keep", description="Keep a picture")
    async def keep(interaction: discord.Interaction, picture: discord.Attachment) -> None:
        await interaction.response.send_message(f"Kept {picture.filename}, {picture.width} wide")

    bot.tree.add_command(greet)
    bot.tree.add_command(keep)
    return told


@pytest.fixture
async def panel(bot: commands.Bot, greeter: list[str], browser: Browser) -> list[str]:
    await bot.tree.sync()
    await browser.until("document.title.includes('story')")
    await browser.click(LINE)
    await browser.write("/greet name:Mira")
    await browser.press("Escape")
    await browser.press("Enter")
    await see(browser, "Good evening, Mira")
    return greeter


async def test_a_picture_is_large_and_its_description_can_be_reached(
    sandbox: Sandbox, channel: Channel, mira: User, browser: Browser
) -> None:
    message = sandbox.discord.say(channel, mira, "Look!", files=[("tower.png", png())])
    message.attachments[0].description = "A tower at dusk."
    sandbox.discord.edit(message, "Look here!")

    await see(browser, "Look here!")
    await browser.until("document.querySelector('.picture img')?.getBoundingClientRect().width > 300")
    assert await browser.run("document.querySelector('.picture img').alt") == "A tower at dusk."
    await browser.run("document.querySelector('.picture').focus()")
    await browser.press("Tab")
    await browser.press("Enter")
    await browser.until("!document.querySelector('.alt-text').hidden")
    await browser.run("document.querySelector('.picture').focus()")
    await browser.press("Enter")
    await browser.until("document.getElementById('viewer').open")
    await browser.press("Escape")
    await browser.until("!document.getElementById('viewer').open")


async def test_a_spoiler_is_covered_until_it_is_opened(
    sandbox: Sandbox, channel: Channel, mira: User, browser: Browser
) -> None:
    sandbox.discord.say(channel, mira, "Do not look", files=[("SPOILER_end.png", png())])

    await browser.until("!!document.querySelector('.picture.covered')")
    await browser.run("document.querySelector('.cover').focus()")
    await browser.press("Enter")
    await browser.until("!document.querySelector('.covered') && !document.getElementById('viewer').open")


async def test_a_command_by_keyboard_alone_with_a_suggestion(
    bot: commands.Bot, greeter: list[str], browser: Browser
) -> None:
    await bot.tree.sync()
    await browser.run("document.getElementById('line').focus()")
    await browser.write("/gr")
    await browser.until("!document.getElementById('hints').hidden")
    await browser.press("Tab")
    await browser.press("Tab")
    await browser.write("Bea")
    await browser.until("document.getElementById('hints').innerText.includes('Queen Bea')")
    await browser.press("Enter")
    await browser.press("Enter")
    await see(browser, "Good evening, the-queen")


async def test_a_button_by_mouse_and_by_keyboard_keeps_the_focus_through_the_edit(
    panel: list[str], browser: Browser
) -> None:
    count = "[data-key]:nth-of-type(2)"
    await browser.click(f".message:last-of-type {count}")
    await see(browser, "Counted 1")
    await browser.run(f"{LAST}.querySelector('{count}').focus()")
    await browser.press("Enter")
    await see(browser, "Counted 2")
    assert await browser.run(f"{FOCUSED}.textContent") == "Count"
    await browser.press(" ")
    await see(browser, "Counted 3")
    assert panel == ["count"] * 3


@pytest.mark.parametrize("by_mouse", [True, False])
async def test_a_form_is_filled_in_and_sent_or_cancelled(panel: list[str], browser: Browser, *, by_mouse: bool) -> None:
    async def open_form() -> None:
        await browser.run(f"{LAST}.scrollIntoView()")
        if by_mouse:
            await browser.click(".button[data-key]")
        else:
            await browser.run("document.querySelector('.button[data-key]').focus()")
            await browser.press("Enter")
        await browser.until("document.getElementById('modal').open")

    await open_form()
    await browser.press("Escape")
    await browser.until("!document.getElementById('modal').open")
    await open_form()
    await browser.write("A kinder winter")
    if by_mouse:
        await browser.click("#modal .primary")
    else:
        await browser.press("Tab", 2)
        await browser.press("Enter")
    await see(browser, "Wished: A kinder winter")
    assert panel == ["A kinder winter"]


async def test_a_choice_from_a_list_is_answered_privately_and_can_be_dismissed(
    panel: list[str], browser: Browser
) -> None:
    await browser.run("document.querySelector('.message select').focus()")
    await browser.press("ArrowDown")
    await see(browser, "Only you can see this")
    assert panel == ["Red"]
    await browser.click(".dismiss")
    await browser.until(f"!{LAST}.innerText.includes('Only you can see this')")


async def test_a_picture_goes_along_with_a_command(
    bot: commands.Bot, greeter: list[str], browser: Browser, tmp_path: Path
) -> None:
    await bot.tree.sync()
    (tmp_path / "my coat.png").write_bytes(png())
    await browser.click(LINE)
    await browser.write("/keep picture:")
    await browser.until("document.getElementById('hints').innerText.includes('Choose a picture')")
    await browser.press("Enter")
    await browser.until("!!document.getElementById('chooser')")
    await browser.attach("#chooser", tmp_path / "my coat.png")
    await browser.until("document.getElementById('line').value.includes('my-coat.png')")
    await browser.press("Enter")
    await see(browser, "Kept my_coat.png, 320 wide")


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (1280, False), (390, True), (390, False)])
async def test_nothing_leaves_the_screen(
    sandbox: Sandbox, channel: Channel, mira: User, panel: list[str], browser: Browser, *, width: int, dark: bool
) -> None:
    sandbox.discord.say(channel, mira, "w" * 300, files=[("tall.png", png(size=(200, 2_000)))])
    await browser.resize(width, 800)
    await browser.prefer(dark=dark)
    await browser.until("[...document.images].every(i => i.complete)")

    assert await browser.run("document.documentElement.scrollWidth") <= width
    assert await browser.run("document.getElementById('log').scrollWidth <= document.getElementById('log').clientWidth")
    back = await browser.run("getComputedStyle(document.body).backgroundColor")
    assert (back == "rgb(255, 255, 255)") is not dark
    if width == 390:
        small = (
            "[...document.querySelectorAll('.row .button')].filter(b => b.getBoundingClientRect().height < 44).length"
        )
        assert await browser.run(small) == 0
        assert await browser.run("getComputedStyle(document.getElementById('sidebar')).visibility") == "hidden"
        await browser.click("#menu")
        await browser.until("getComputedStyle(document.getElementById('sidebar')).visibility === 'visible'")
        await browser.until("document.getElementById('sidebar').getBoundingClientRect().x === 0")
        await browser.click(".channel")
        await browser.until("getComputedStyle(document.getElementById('sidebar')).visibility === 'hidden'")


async def test_a_visitor_plays_a_turn_of_their_own(sandbox: Sandbox, channel: Channel, tmp_path: Path) -> None:
    played: list[PlayedTurn] = []

    async def publish(turn: PlayedTurn) -> None:
        played.append(turn)

    sandbox.publish_turns(publish)
    (tmp_path / "mira.png").write_bytes(png())
    (tmp_path / "notes.txt").write_text("no picture")
    async with Browser(width=1280, height=800) as browser:
        await browser.open(sandbox.page_url)
        await browser.click("#play-open")
        await browser.until("document.activeElement.id === 'play-narrative'")
        await browser.click("#play-publish")
        await browser.until("document.getElementById('play-problem').innerText.includes('no words yet')")
        await browser.run("document.getElementById('play-narrative').focus()")
        await browser.write("The lantern rises.")
        await browser.press("Tab", 2)
        await browser.write("Mira")
        await browser.attach("#play-people input[type=file]", tmp_path / "notes.txt")
        await browser.click("#play-publish")
        await browser.until("document.getElementById('play-problem').innerText.includes('is no PNG')")
        await browser.attach("#play-people input[type=file]", tmp_path / "mira.png")
        await browser.click("#play-publish")
        await browser.until("!document.getElementById('play').open")
        await wait_until(lambda: played)
        assert browser.complaints == []

    [turn] = played
    assert (turn.narrative, turn.character_names, turn.requested) == ("The lantern rises.", ("Mira",), True)
    assert turn.message.content == "The lantern rises."
    assert turn.character_urls[0].endswith("/mira.png")


async def test_where_nobody_publishes_turns_the_form_is_not_offered(browser: Browser) -> None:
    assert await browser.run("document.getElementById('play-open').hidden")
