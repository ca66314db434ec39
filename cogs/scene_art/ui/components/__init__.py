"""Buttons, lists and pages: found by their ids after any restart."""
