"""The game masters' reference pictures, drawn dot by dot: a small kit for pixel art, and the three who are drawn."""
