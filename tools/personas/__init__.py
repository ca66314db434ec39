"""The three game masters, drawn in dots."""
