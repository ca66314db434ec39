"""Discord's error answers, by the code that Discord gives them."""

from __future__ import annotations

from typing import Any

JSON = dict[str, Any]


class DiscordError(Exception):
    """A request is answered with an error: HTTP status, Discord's code, its text and its field errors."""

    def __init__(self, status: int, code: int, message: str, errors: JSON | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def body(self) -> JSON:
        """The JSON document that Discord would send."""
        body: JSON = {"message": self.message, "code": self.code}
        if self.errors:
            body["errors"] = self.errors
        return body


def unauthorized() -> DiscordError:
    """The bot token is not the accepted one."""
    return DiscordError(401, 0, "401: Unauthorized")


def not_found() -> DiscordError:
    """The sandbox (or Discord) has no such route."""
    return DiscordError(404, 0, "404: Not Found")


def unknown(what: str) -> DiscordError:
    """A thing that does not exist: `Channel`, `Guild`, `Message`, `User`, `Webhook`, `Interaction`, ..."""
    codes = {"Channel": 10003, "Guild": 10004, "Member": 10007, "Message": 10008, "User": 10013}
    codes |= {"Webhook": 10015, "Interaction": 10062, "application command": 10063}
    return DiscordError(404, codes[what], f"Unknown {what}")


def missing_access() -> DiscordError:
    """The bot does not see the channel."""
    return DiscordError(403, 50001, "Missing Access")


def missing_permissions() -> DiscordError:
    """The bot sees the channel and lacks the permission for this."""
    return DiscordError(403, 50013, "Missing Permissions")


def too_large() -> DiscordError:
    """A file is larger than the channel allows."""
    return DiscordError(413, 40005, "Request entity too large")


def invalid_form(path: str, code: str, message: str) -> DiscordError:
    """50035 with one field error; `path` is dotted, such as `components.0.components.1.custom_id`."""
    errors: JSON = {"_errors": [{"code": code, "message": message}]}
    for part in reversed(path.split(".")):
        errors = {part: errors}
    return DiscordError(400, 50035, "Invalid Form Body", errors)
