"""The workshop: a helper process for everything that is heavy or untrusted.

Downloading and decoding pictures, drawing, and reading Gemini's answers (megabytes of JSON and base64, which hold
the interpreter's lock) happen there, so that the host bot's event loop never waits for them and a bad picture can
at worst end a process that is started again. The two sides exchange one JSON object per line (`wire.py`); pictures
lie as files in a folder that both know.
"""

from .client import Workshop

__all__ = ["Workshop"]
