"""The workshop: worker processes for everything that is heavy or untrusted.

Reading Gemini's answers (megabytes of JSON and base64, which hold the interpreter's lock) happens in the one, so that
the host bot's event loop never waits for it; downloading and decoding other people's pictures, and drawing, in the
other, so that a bad picture can at worst end a process that is started again, and never a request that was paid for.
Messages are one JSON object a line (`wire.py`); prepared pictures lie as files in a folder that all know.
"""

from .workshop import Workshop

__all__ = ["Workshop"]
