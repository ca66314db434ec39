"""Kills bot processes and Redis at random while a game is played, and counts what that cost: `make chaos`."""
