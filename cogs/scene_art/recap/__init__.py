"""A session to keep: its pictures on one comic page, and as a chapter to read."""
