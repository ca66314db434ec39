"""Painters: each turns a prompt into a picture. Errors are those of `errors.py`, never a library's."""
