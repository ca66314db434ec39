"""Redis: the connection, and one module for each family of keys."""
