"""Recaps of a session: its pictures on one comic page, and as a chapter to read."""
