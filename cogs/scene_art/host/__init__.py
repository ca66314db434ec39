"""News of scenes for the host's own code."""
