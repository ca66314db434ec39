"""Discord, as far as posting goes: the bot's channels and permissions, and one message per scene."""
