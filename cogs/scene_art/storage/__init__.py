"""Redis: the connection, and the records that survive crashes."""
