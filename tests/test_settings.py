"""The operator's settings: read from the environment, checked, and silent about secrets."""

from __future__ import annotations

import json
import os
import pickle
import traceback
from pathlib import Path

import pytest
from pydantic import ValidationError

from cogs.scene_art.image_models import Price
from cogs.scene_art.settings import Settings

SECRETS = {
    "GEMINI_API_KEY": "AIza-secret-one",
    "GOOGLE_API_KEY": "AIza-secret-two",
    "GEMINI_API_KEYS": "AIza-secret-three,AIza-secret-four",
    "REDIS_URL": "rediss://:redis-secret@redis.example:6380/0",
}


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own environment is none of a test's business."""
    for name in os.environ:
        if name.startswith("SCENE_ART_") or name in SECRETS:
            monkeypatch.delenv(name)


def test_without_any_setting_it_runs_in_process_and_paints_storyboards() -> None:
    settings = Settings()
    assert settings.redis_url.get_secret_value() == "memory://"
    assert (settings.chosen_painter, settings.model) == ("storyboard", "gemini-nano-banana-2.1")
    assert (settings.fallback_seconds, settings.cooldown_seconds) == (60, 30)
    assert (settings.crown_bearers, settings.trusted_hosts, settings.keys) == ((), "", ())


def test_everything_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "REDIS_URL": "redis://r.example:6379/3",
        "SCENE_ART_FALLBACK_SECONDS": "0.5",
        "SCENE_ART_COOLDOWN_SECONDS": "0",
        "SCENE_ART_CROWN_BEARERS": " 1001, 1002,,",
        "SCENE_ART_STYLES_FILE": "/etc/looks.toml",
        "SCENE_ART_TRUSTED_HOSTS": "media.internal:8080",
        "SCENE_ART_GAME_STATE": "game.state:build",
        "SCENE_ART_HOUSE_RULES": "No spiders.",
        "SCENE_ART_FALLBACK_MODELS": " gemini-3-pro-image, gemini-nano-banana-2.1,",
        "SCENE_ART_PRICES": "a-model = 1.5/30, another=0/0",
        "SCENE_ART_SOMETHING_ELSE": "ignored",
        "SCENE_ART_ROLES": "31, 123456789012345678",
        "SCENE_ART_ROLE_PICTURES_PER_HOUR": "31 = 120,32=9",
        "SCENE_ART_GUILDS": " 8,9",
        "SCENE_ART_MODERATORS_ALWAYS": "true",
        "SCENE_ART_DIRECT_MESSAGES": "TRUE",
        "SCENE_ART_PAINT_TIMEOUT_SECONDS": "10",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.redis_url.get_secret_value() == "redis://r.example:6379/3"
    assert (settings.fallback_seconds, settings.cooldown_seconds) == (0.5, 0)
    assert settings.crown_bearers == ("1001", "1002")
    assert settings.styles_file == Path("/etc/looks.toml")
    assert (settings.trusted_hosts, settings.game_state) == ("media.internal:8080", "game.state:build")
    assert settings.house_rules == "No spiders."
    assert settings.roles == ("31", "123456789012345678")
    assert (settings.guilds, settings.moderators_always, settings.direct_messages) == (("8", "9"), True, True)
    assert settings.role_pictures_per_hour == {"31": 120, "32": 9}
    assert settings.paint_timeout_seconds == 10
    assert settings.models == ("gemini-nano-banana-2.1", "gemini-3-pro-image"), "each once, the preferred one first"
    assert (settings.price("a-model"), settings.price("another")) == (Price(1.5, 30), Price(0, 0))


def test_an_empty_line_in_env_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REDIS_URL", "GEMINI_API_KEY", "SCENE_ART_COOLDOWN_SECONDS", "SCENE_ART_CROWN_BEARERS"):
        monkeypatch.setenv(name, "")
    assert Settings() == Settings.model_construct()


def test_keys_are_pooled_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEYS", " a ,b,, a")
    monkeypatch.setenv("GEMINI_API_KEY", "b")
    monkeypatch.setenv("GOOGLE_API_KEY", "c")
    assert [key.get_secret_value() for key in Settings().keys] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("painter", "key", "chosen"),
    [
        ("auto", "", "storyboard"),
        ("auto", "a-key", "gemini"),
        ("storyboard", "a-key", "storyboard"),
        ("gemini", "a-key", "gemini"),
        ("gemini", "", "gemini"),
    ],
)
def test_auto_paints_with_gemini_when_there_is_a_key(
    monkeypatch: pytest.MonkeyPatch, painter: str, key: str, chosen: str
) -> None:
    monkeypatch.setenv("SCENE_ART_PAINTER", painter)
    monkeypatch.setenv("GEMINI_API_KEY", key)
    assert Settings().chosen_painter == chosen


def test_a_secret_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert len(settings.keys) == 4
    shown = [repr(settings), str(settings), repr(settings.keys), settings.model_dump_json(), f"{settings!s:>5}"]
    shown += [json.dumps(settings.model_dump(), default=str), repr(vars(settings))]
    assert not [text for text in shown if "secret-" in text or "-secret" in text]
    assert pickle.loads(pickle.dumps(settings)) == settings  # noqa: S301  # our own bytes


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SCENE_ART_COOLDOWN_SECONDS", "soon-secret"),
        ("SCENE_ART_COOLDOWN_SECONDS", "-1"),
        ("SCENE_ART_FALLBACK_SECONDS", "nan"),
        ("SCENE_ART_PAINTER", "secret-painter"),
        ("SCENE_ART_IMAGE_SIZE", "8K"),
        ("SCENE_ART_NAMESPACE", "has space"),
        ("SCENE_ART_CONCURRENCY", "0"),
        ("SCENE_ART_PAINT_ATTEMPTS", "1.5"),
        ("SCENE_ART_PRICES", "a-model=cheap"),
        ("SCENE_ART_PRICES", "a-model=nan/1"),
        ("SCENE_ART_PRICES", "a-model=1.5"),
        ("SCENE_ART_GUILDS", "The Lantern Guild"),
        ("SCENE_ART_DIRECT_MESSAGES", "sometimes"),
        ("SCENE_ART_BUDGET_DAY", "-1"),
        ("SCENE_ART_BUDGET_TOTAL", "nan"),
    ],
)
def test_an_error_names_the_setting_and_shows_no_value(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    for secret_name, secret in SECRETS.items():
        monkeypatch.setenv(secret_name, secret)
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as error:
        Settings()
    text = "".join(traceback.format_exception(error.value))
    assert name.removeprefix("SCENE_ART_").lower() in text
    assert "secret" not in text.replace("tests/", "")


def test_settings_do_not_change_while_the_extension_runs() -> None:
    with pytest.raises(ValidationError):
        Settings().model = "another"
