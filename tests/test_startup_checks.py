"""A wrong setting stops the start, with a sentence; all that are wrong are told at once."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord
import pytest
from discord.ext import commands

from tests.redis_server import own_tasks
from tests.stage import EXTENSION, memory_url, our_modules, use_environment

PERSONA = '[[persona]]\nid = "x"\nname = "X"\ndescription = "A grown woman."\n'
STYLE = '[[style]]\nid = "oil"\nname = "Oil"\nprompt = "oil"\n'
KEY = {"GEMINI_API_KEY": "AIza-a-secret-key"}
PIECES_OF_SECRETS = ("hunter2", "secret", "gamer")

# Variable, what it holds, what the sentence tells besides both.
WRONG = [
    ("SCENE_ART_FALLBACK_SECONDS", "soon", "it takes a number from 0 to 3600"),
    ("SCENE_ART_FALLBACK_SECONDS", "nan", "it takes a number from 0 to 3600"),
    ("SCENE_ART_COOLDOWN_SECONDS", "-1", "it takes a number from 0 to 3600"),
    ("SCENE_ART_COOLDOWN_SECONDS", "inf", "it takes a number from 0 to 3600"),
    ("SCENE_ART_PAINTER", "crayons", "it takes one of auto, gemini, storyboard"),
    ("SCENE_ART_PAINTER", "my_game.painting:build", "it takes one of auto, gemini, storyboard"),
    ("SCENE_ART_MODEL", "nano banana", "it takes a model such as gemini-"),
    ("SCENE_ART_FALLBACK_MODELS", "one two", "it takes models such as gemini-"),
    ("SCENE_ART_FALLBACK_MODELS", ",", "it takes models such as gemini-"),
    ("SCENE_ART_IMAGE_SIZE", "8K", "it takes one of 512, 1K, 2K, 4K"),
    ("SCENE_ART_PAINT_TIMEOUT_SECONDS", "5", "it takes a number from 10 to 600"),
    ("SCENE_ART_PAINT_ATTEMPTS", "1.5", "it takes a whole number from 1 to 10"),
    ("SCENE_ART_PRICES", "a-model=cheap", "it takes model=input/output in dollars"),
    ("SCENE_ART_PRICES", "=1/2", "it takes model=input/output in dollars"),
    ("SCENE_ART_PRICES", "a=1/2,a=3/4", "it takes model=input/output in dollars"),
    ("SCENE_ART_PRICES", ",", "it takes model=input/output in dollars"),
    ("SCENE_ART_BUDGET_GUILD_DAY", "inf", "it takes a number of at least 0"),
    ("SCENE_ART_BUDGET_DAY", "nan", "it takes a number of at least 0"),
    ("SCENE_ART_BUDGET_TOTAL", "-0.01", "it takes a number of at least 0"),
    ("SCENE_ART_NOTICES", "maybe", "it takes true or false"),
    ("SCENE_ART_SPOILER", "2", "it takes true or false"),
    ("SCENE_ART_CONTINUITY", "never", "it takes true or false"),
    ("SCENE_ART_SHOW_PRICES", "euros", "it takes true or false"),
    ("SCENE_ART_STYLE", "cubism", "it takes one of console, anime, storybook"),
    ("SCENE_ART_STYLES_FILE", "{folder}/nowhere.toml", "nowhere.toml: no such file"),
    ("SCENE_ART_STYLES_FILE", "{folder}/no_name.toml", "no_name.toml: style.0.name: Field required"),
    ("SCENE_ART_STYLES_FILE", "{folder}/no_sample.toml", "the sample of style oil cannot be read"),
    ("SCENE_ART_WORDS_FILE", "{folder}", "not a file"),
    ("SCENE_ART_WORDS_FILE", "{folder}/large.toml", "large.toml: larger than 256 KB"),
    ("SCENE_ART_WORDS_FILE", "{folder}/no_name.toml", "[style] must be a table"),
    ("SCENE_ART_PERSONAS_FILE", "/dev/zero", "zero: not a file"),
    ("SCENE_ART_PERSONAS_FILE", "{folder}/binary.toml", "binary.toml: "),
    ("SCENE_ART_PERSONAS_FILE", "{folder}/no_picture.toml", "the picture of x: No such file or directory"),
    ("SCENE_ART_CROWN_BEARERS", "1001,Mira", "it takes ids of Discord"),
    ("SCENE_ART_GAME_STATE", "nope.mod:build", "there is no module nope"),
    ("SCENE_ART_GAME_STATE", "json:nowhere", "there is no nowhere in json"),
    ("SCENE_ART_GAME_STATE", "json", "it takes package.module:factory"),
    ("SCENE_ART_GAME_STATE", "json:__version__", "__version__ cannot be called"),
    ("SCENE_ART_GAME_STATE", "json:loads", "loads cannot be called without arguments"),
    ("SCENE_ART_GAME_STATE", "builtins:object", "the factory's result lacks session"),
    ("SCENE_ART_TRUSTED_HOSTS", "a.example,http://b", "it takes hosts (name or name:port)"),
    ("SCENE_ART_AGE_RESTRICTED_ONLY", "18", "it takes true or false"),
    ("SCENE_ART_MODERATORS_ALWAYS", "mods", "it takes true or false"),
    ("SCENE_ART_GUILDS", "8, The Lantern Guild", "it takes ids of Discord"),
    ("SCENE_ART_DIRECT_MESSAGES", "sometimes", "it takes true or false"),
    ("SCENE_ART_REFERENCE_FRESH_SECONDS", "inf", "it takes a number of at least 0"),
    ("SCENE_ART_CONCURRENCY", "0", "it takes a whole number from 1 to 1000"),
    ("SCENE_ART_RERENDERS_PER_CHANNEL", "0", "it takes a whole number from 1 to 100"),
    ("SCENE_ART_RERENDERS_PER_USER", "many", "it takes a whole number from 1 to 100"),
    ("SCENE_ART_USER_PICTURES_PER_HOUR", "0", "it takes a whole number from 1 to 100000"),
    ("SCENE_ART_GUILD_PICTURES_PER_HOUR", "1e9", "it takes a whole number from 1 to 100000"),
    ("SCENE_ART_ROLE_PICTURES_PER_HOUR", "5=0", "it takes a role's id and its pictures per hour"),
    ("SCENE_ART_ROLE_PICTURES_PER_HOUR", "5=9,5=10", "it takes a role's id and its pictures per hour"),
    ("SCENE_ART_ROLE_PICTURES_PER_HOUR", "admins=9", "it takes a role's id and its pictures per hour"),
    ("SCENE_ART_ROLE_PICTURES_PER_HOUR", "5=100001", "it takes a role's id and its pictures per hour"),
    ("SCENE_ART_ROLES", "admins", "it takes ids of Discord"),
    ("SCENE_ART_ROLES", ", ,", "it takes ids of Discord"),
    ("SCENE_ART_ROLES", "٣", "it takes ids of Discord"),
    ("SCENE_ART_BLOCKED_USERS", "not-an-id", "it takes ids of Discord"),
    ("SCENE_ART_BLOCKED_USERS", "18446744073709551616", "it takes ids of Discord"),
    ("SCENE_ART_BLOCKED_CHANNELS", "#general", "it takes ids of Discord"),
    ("SCENE_ART_KEEP_SCENES", "0", "it takes a whole number from 1 to 10000"),
    ("SCENE_ART_KEEP_DAYS", "1e-9", "it takes a number from 0.01 to 365"),
    ("SCENE_ART_KEEP_PICTURES_HOURS", "0", "it takes a number from 0.01 to 48"),
    ("SCENE_ART_NAMESPACE", "has space", "it takes at most 41 of a-z"),
    ("TMPDIR", "{folder}/nowhere", "it takes a folder that can be written to"),
    ("TMPDIR", "{folder}/large.toml", "it takes a folder that can be written to"),
]
# Several variables, what the sentence tells.
WRONG_TOGETHER = [
    ({"SCENE_ART_PAINTER": "gemini"}, 'SCENE_ART_PAINTER is "gemini" (no key is set)'),
    (KEY | {"SCENE_ART_IMAGE_SIZE": "512"}, 'SCENE_ART_IMAGE_SIZE is "512"; it takes one of 1K, 2K, 4K with the model'),
    (
        KEY | {"SCENE_ART_IMAGE_SIZE": "2K", "SCENE_ART_MODEL": "gemini-3.1-flash-lite-image"},
        'SCENE_ART_IMAGE_SIZE is "2K"; it takes one of 1K with the model gemini-3.1-flash-lite-image',
    ),
    (KEY | {"GOOGLE_GEMINI_BASE_URL": "gemini.example"}, 'GOOGLE_GEMINI_BASE_URL is "gemini.example"'),
    ({"GEMINI_API_KEY": "two secret words"}, "GEMINI_API_KEY holds something else (not shown here); it takes a key"),
    ({"GOOGLE_API_KEY": "a-secret\nb"}, "GOOGLE_API_KEY holds something else (not shown here); it takes a key"),
    ({"GEMINI_API_KEYS": "a-secret,b secret"}, "GEMINI_API_KEYS holds something else (not shown here); it takes keys"),
    ({"GEMINI_API_KEYS": ","}, "GEMINI_API_KEYS holds something else (not shown here); it takes keys"),
    # A key in the wrong place is a secret there, too.
    (KEY | {"SCENE_ART_STYLE": KEY["GEMINI_API_KEY"]}, 'SCENE_ART_STYLE is "[key]"; it takes one of'),
    (
        {"REDIS_URL": "redis://gamer:opensesame-77@r.example/0", "SCENE_ART_STYLE": "77-emasesnepo"},
        'SCENE_ART_STYLE is "[key]"; it takes one of',
    ),
    # What only stands beside a password is none, and the sentence needs it.
    (
        {"REDIS_URL": "redis://gamer:opensesame-77@r.example:6379x"},
        "it takes an address such as redis://user:password@",
    ),
    ({"SCENE_ART_TRUSTED_HOSTS": "http://gamer:hunter2@a"}, "SCENE_ART_TRUSTED_HOSTS is "),
]


@pytest.fixture
async def bot(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[commands.Bot]:
    """Somebody's own bot that has not logged in, in an environment of ours in which nothing is set."""
    imported = our_modules()
    use_environment(monkeypatch, {"REDIS_URL": memory_url()})
    monkeypatch.setattr("tempfile.tempdir", None)
    bot = commands.Bot(command_prefix="!", intents=discord.Intents.none())
    async with bot:
        yield bot
    sys.modules.update(imported)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files that are wrong in all kinds of ways."""
    (tmp_path / "no_name.toml").write_text('[[style]]\nid = "x"')
    (tmp_path / "no_sample.toml").write_text(STYLE + 'sample = "nowhere.png"')
    (tmp_path / "no_picture.toml").write_text(PERSONA + 'picture = "nowhere.png"')
    (tmp_path / "large.toml").write_text("#" * 300_000)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    return tmp_path


async def problems_of(bot: commands.Bot) -> list[str]:
    """Load with wrong settings, list the problems, and check that nothing of the extension is left."""
    with pytest.raises(commands.ExtensionFailed) as error:
        await bot.load_extension(EXTENSION)
    assert type(error.value.original).__name__ == "WrongSettingsError"
    assert (own_tasks(), bot.tree.get_commands(), dict(bot.cogs)) == ([], [], {})
    assert not [name for name in sys.modules if name.startswith(EXTENSION)]
    problems = str(error.value.original).splitlines()
    assert not [piece for piece in PIECES_OF_SECRETS if piece in str(error.value)]
    return problems


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong[0]}={wrong[1]}")
async def test_a_wrong_setting_stops_the_start(
    bot: commands.Bot, monkeypatch: pytest.MonkeyPatch, folder: Path, wrong: tuple[str, str, str]
) -> None:
    variable, value, told = wrong
    held = value.format(folder=folder)
    monkeypatch.setenv(variable, held)

    [problem] = await problems_of(bot)

    assert problem.startswith(f'{variable} is "{held}"')
    assert told in problem
    assert "; it takes " in problem


@pytest.mark.parametrize(("values", "told"), WRONG_TOGETHER)
async def test_settings_that_do_not_go_together_stop_the_start(
    bot: commands.Bot,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    values: dict[str, str],
    told: str,
) -> None:
    use_environment(monkeypatch, values)

    [problem] = await problems_of(bot)

    assert told in problem
    assert "Painting with Gemini" not in caplog.text


async def test_all_that_is_wrong_is_told_at_once_and_a_corrected_environment_loads(
    bot: commands.Bot, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    everything = {variable: value.format(folder=folder) for variable, value, _ in reversed(WRONG)}
    for variable, value in (everything | {"REDIS_URL": "http://gamer:hunter2@r.example"}).items():
        monkeypatch.setenv(variable, value)

    told = [problem.split()[0] for problem in await problems_of(bot)]
    # Which styles there are nobody knows while the file of styles is wrong.
    assert sorted(told) == sorted((everything.keys() | {"REDIS_URL"}) - {"SCENE_ART_STYLE"})

    use_environment(monkeypatch, {"REDIS_URL": memory_url()})
    monkeypatch.delenv("TMPDIR")
    await bot.load_extension(EXTENSION)
    assert bot.get_cog("SceneArt")
    await bot.unload_extension(EXTENSION)


async def test_a_folder_that_python_itself_finds_unusable_is_told(
    bot: commands.Bot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for variable in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))

    [problem] = await problems_of(bot)
    assert problem.startswith(f'TMPDIR is "{tmp_path / "gone"}" (No such file or directory)')


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        ("SCENE_ART_COOLDOWN", "; did you mean SCENE_ART_COOLDOWN_SECONDS?"),
        ("SCENE_ART_BUDGET_PER_DAY", "; did you mean SCENE_ART_BUDGET_DAY?"),
        ("scene_art_syle", "; did you mean SCENE_ART_STYLE?"),
        ("SCENE_ART_GEMINI_API_KEY", "; did you mean GEMINI_API_KEY?"),
        ("SCENE_ART_REDIS_URL", "; did you mean REDIS_URL?"),
        ("SCENE_ART_XYZZY", ""),
    ],
)
async def test_a_misspelt_variable_is_told_in_one_line(
    bot: commands.Bot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, variable: str, told: str
) -> None:
    monkeypatch.setenv(variable, "a-value")
    monkeypatch.setenv("SCENE_ART_KEEP_DAYS", "7")

    await bot.load_extension(EXTENSION)
    await bot.unload_extension(EXTENSION)

    lines = [record for record in caplog.records if "is no setting" in record.getMessage()]
    assert [line.getMessage() for line in lines] == [f"{variable.upper()} is no setting of scene-art{told}"]
    assert lines[0].levelname == "WARNING"
    assert "a-value" not in caplog.text


GAME = """
import threading, time
imported_in = threading.current_thread().name
time.sleep(1.5)

class State:
    async def session(self, channel_id): ...
    async def character(self, user_id): ...
    async def is_dark_loopmother(self, channel_id): ...

async def build():
    return State()
"""


async def test_the_hosts_loop_runs_while_a_games_module_is_imported(
    bot: commands.Bot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "slow_lantern_game.py").write_text(GAME)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("SCENE_ART_GAME_STATE", "slow_lantern_game:build")
    worst, began = 0.0, time.monotonic()

    async def look() -> None:
        nonlocal worst
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            worst = max(worst, time.monotonic() - before)

    looking = asyncio.create_task(look())
    await bot.load_extension(EXTENSION)
    looking.cancel()

    game: Any = sys.modules["slow_lantern_game"]
    assert game.imported_in != threading.main_thread().name
    assert time.monotonic() - began > 1.5
    assert worst < 1.2
    await bot.unload_extension(EXTENSION)


async def test_files_are_read_beside_the_hosts_loop(bot: commands.Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is opened while the extension loads; Python tells of it itself."""
    opened: list[tuple[str, str]] = []
    listening = True

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if listening and event == "open" and str(arguments[0]).endswith(".toml"):
            opened.append((Path(str(arguments[0])).name, threading.current_thread().name))

    sys.addaudithook(hear)
    await bot.load_extension(EXTENSION)
    listening = False
    await bot.unload_extension(EXTENSION)

    assert {"personas.toml", "styles.toml"} <= {name for name, _ in opened}
    assert {thread for _, thread in opened} == {"scene-art import_0"}
