"""Announcements of scenes to the host's own code."""
