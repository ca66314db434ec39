"""A Discord and a Gemini on loopback, for the demo and the tests.

discord.py and google-genai run against it unmodified; nothing leaves the machine. It pretends for
one bot, keeps everything in memory, and knows nothing of scene-art.
"""

from sandbox.commands import Choice, CommandError
from sandbox.harness import Sandbox
from sandbox.interaction_answer import InteractionAnswer
from sandbox.permissions import BOT_DEFAULT, Permission
from sandbox.turns import PlayedTurn
from sandbox.waiting import wait_until
from sandbox.world import Attachment, Button, Channel, Guild, Message, User

__all__ = [
    "BOT_DEFAULT",
    "Attachment",
    "Button",
    "Channel",
    "Choice",
    "CommandError",
    "Guild",
    "InteractionAnswer",
    "Message",
    "Permission",
    "PlayedTurn",
    "Sandbox",
    "User",
    "wait_until",
]
