"""Which scene is drawn, when, and once."""
