"""Discord, as far as posting goes: where the bot may, and one message per scene."""
