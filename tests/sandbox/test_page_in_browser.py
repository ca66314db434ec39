"""The page in a real browser: everything that a person does there, by mouse and by keyboard alone."""

from __future__ import annotations

from pathlib import Path

import discord
import pytest
from discord.ext import commands

from sandbox import Channel, Sandbox, User
from tests.sandbox.browsing import LAST, MODAL_OPEN, by_mouse_and_by_keyboard, needs_browser, png, see, use
from tools.browser import Browser

pytestmark = needs_browser

FOCUSED = "document.activeElement"
COUNT = ".message:last-of-type [data-key]:nth-of-type(2)"


@by_mouse_and_by_keyboard
async def test_a_picture_is_large_and_tells_what_it_shows(
    sandbox: Sandbox, channel: Channel, mira: User, browser: Browser, *, by_mouse: bool
) -> None:
    message = sandbox.discord.say(channel, mira, "Look!", files=[("tower.png", png())])
    message.attachments[0].description = "A tower at dusk."
    sandbox.discord.edit(message, "Look here!")
    await see(browser, "Look here!")
    await browser.until("document.querySelector('.picture img')?.getBoundingClientRect().width > 300")
    assert await browser.run("document.querySelector('.picture img').alt") == "A tower at dusk."
    await browser.click("#line")

    await use(browser, ".alt", by_mouse=by_mouse)
    await browser.until("document.querySelector('.alt-text').getClientRects().length > 0")
    assert await browser.run("document.querySelector('.alt-text').innerText") == "A tower at dusk."
    sandbox.discord.edit(message, "Look again!")
    await see(browser, "Look again!")
    assert await browser.run("document.querySelector('.alt').ariaExpanded") == "true", "an edit does not close it"
    await use(browser, ".enlarge", by_mouse=by_mouse)
    await browser.until("document.getElementById('viewer').open")
    if by_mouse:
        await browser.click("#viewer .close")
    else:
        await browser.press("Escape")
    await browser.until("!document.getElementById('viewer').open")
    assert await browser.run(f"{FOCUSED}.className") == "enlarge"


@by_mouse_and_by_keyboard
async def test_a_spoiler_is_covered_until_somebody_opens_it(
    sandbox: Sandbox, channel: Channel, mira: User, browser: Browser, *, by_mouse: bool
) -> None:
    sandbox.discord.say(channel, mira, "||The butler||", files=[("SPOILER_end.png", png())])
    await browser.until("!!document.querySelector('.picture.covered')")
    await browser.click("#line")
    if not by_mouse:
        with pytest.raises(LookupError):
            await browser.walk_to(".enlarge", back=True)
        await browser.click("#line")

    await use(browser, ".cover", by_mouse=by_mouse)
    await browser.until("!document.querySelector('.covered')")
    assert not await browser.run("document.getElementById('viewer').open")
    await use(browser, ".spoiler", by_mouse=by_mouse)
    await browser.until("!!document.querySelector('.spoiler.open')")


async def test_a_command_with_a_suggestion_by_keyboard(bot: commands.Bot, greeter: list[str], browser: Browser) -> None:
    await bot.tree.sync()
    await browser.walk_to("#line")
    await browser.write("/gr")
    await browser.until("document.getElementById('hints').innerText.includes('/greet')")
    await browser.press("Tab")
    await browser.press("Tab")
    await browser.write("Bea")
    await browser.until("document.getElementById('hints').innerText.includes('Queen Bea')")
    await browser.press("Enter")
    await browser.press("Enter")
    await see(browser, "Good evening, the-queen")


async def test_a_command_with_a_suggestion_by_mouse(bot: commands.Bot, greeter: list[str], browser: Browser) -> None:
    await bot.tree.sync()
    await browser.click("#line")
    await browser.write("/gr")
    await browser.until("document.getElementById('hints').innerText.includes('/greet')")
    await browser.click("#hint-0")
    await browser.until("document.getElementById('hints').innerText.includes('name:')")
    await browser.click("#hint-0")
    await browser.write("Bea")
    await browser.until("document.getElementById('hints').innerText.includes('Queen Bea')")
    await browser.click("#hint-0")
    await browser.click("#composer > button")
    await see(browser, "Good evening, the-queen")


async def test_a_picture_goes_along_with_a_command(
    bot: commands.Bot, greeter: list[str], browser: Browser, tmp_path: Path
) -> None:
    await bot.tree.sync()
    (tmp_path / "my coat.png").write_bytes(png())
    await browser.click("#line")
    await browser.write("/keep picture:")
    await browser.until("document.getElementById('hints').innerText.includes('Choose a picture')")
    await browser.press("Enter")
    await browser.until("!!document.getElementById('chooser')")
    await browser.attach("#chooser", tmp_path / "my coat.png")
    await browser.until("document.getElementById('line').value.includes('my-coat.png')")
    await browser.press("Enter")
    await see(browser, "Kept my_coat.png, 320 wide")


async def test_a_button_is_pressed_and_keeps_the_focus_through_the_edit(panel: list[str], browser: Browser) -> None:
    await browser.click(COUNT)
    await see(browser, "Counted 1")
    await browser.click("#line")
    await browser.walk_to(COUNT, back=True)
    await browser.press("Enter")
    await see(browser, "Counted 2")
    assert await browser.run(f"{FOCUSED}.textContent") == "Count"
    await browser.press(" ")
    await see(browser, "Counted 3")
    assert panel == ["count"] * 3


async def test_an_edit_shows_live_and_leaves_the_keyboard_where_it_is(
    sandbox: Sandbox, channel: Channel, mira: User, browser: Browser
) -> None:
    said = sandbox.discord.say(channel, mira, "Painting, 10 %", files=[("tower.png", png())])
    below = sandbox.discord.say(channel, mira, "And then?")
    await see(browser, "And then?")
    await browser.click("#line")
    await browser.walk_to(".enlarge", back=True)

    sandbox.discord.edit(said, "Painting, 90 %")
    await browser.until("document.querySelector('.message').innerText.includes('90 %')")
    sandbox.discord.delete(below)
    await see(browser, "90 %")
    assert await browser.run(f"{FOCUSED}.className") == "enlarge"
    sandbox.discord.delete(said)
    await browser.until("!document.querySelector('.message')")
    assert await browser.run(f"{FOCUSED}.id") == "line"


@by_mouse_and_by_keyboard
async def test_a_form_is_filled_in_and_sent_or_cancelled(panel: list[str], browser: Browser, *, by_mouse: bool) -> None:
    form = ".message:last-of-type [data-key]:first-child:not(select)"
    await use(browser, form, by_mouse=by_mouse)
    await browser.until(MODAL_OPEN)
    if by_mouse:
        await browser.click("#modal-cancel")
    else:
        await browser.press("Escape")
    await browser.until(f"!{MODAL_OPEN}")
    await browser.click("#line")

    await use(browser, form, by_mouse=by_mouse)
    await browser.until(MODAL_OPEN)
    await browser.write("A kinder winter")
    if by_mouse:
        await browser.click("#modal .primary")
    else:
        await browser.walk_to("#modal .primary")
        await browser.press("Enter")
    await see(browser, "Wished: A kinder winter")
    assert panel == ["A kinder winter"]


@by_mouse_and_by_keyboard
async def test_a_choice_from_a_list_is_answered_privately_and_can_be_dismissed(
    panel: list[str], browser: Browser, *, by_mouse: bool
) -> None:
    if by_mouse:
        await browser.click(".message select")
        await browser.press("ArrowDown")
        await browser.press("Enter")
    else:
        await browser.walk_to(".message select", back=True)
        await browser.press("ArrowDown")
    await see(browser, "Only you can see this")
    assert panel == ["Red"]

    await browser.click("#line")
    await use(browser, ".dismiss", by_mouse=by_mouse)
    await browser.until(f"!{LAST}.innerText.includes('Only you can see this')")
    assert await browser.run(f"{FOCUSED}.id") == "line"


@by_mouse_and_by_keyboard
async def test_the_menu_of_a_message(
    sandbox: Sandbox, bot: commands.Bot, channel: Channel, mira: User, browser: Browser, *, by_mouse: bool
) -> None:
    @bot.tree.context_menu(name="Praise")
    async def praise(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"Well said: {message.id}")

    await bot.tree.sync()
    said = sandbox.discord.say(channel, mira, "Onwards")
    await see(browser, "Onwards")
    await browser.click("#line")
    entry = ".message:last-of-type .apps button"
    await use(browser, ".message:last-of-type .apps summary", by_mouse=by_mouse)
    await browser.until(f"document.querySelector('{entry}').getClientRects().length > 0")
    bottom = await browser.run(f"document.querySelector('{entry}').getBoundingClientRect().bottom")
    assert bottom < await browser.run("document.getElementById('log').getBoundingClientRect().bottom")
    if by_mouse:
        await browser.click(entry)
    else:
        await browser.walk_to(entry)
        await browser.press("Enter")
    await see(browser, f"Well said: {said.id}")
