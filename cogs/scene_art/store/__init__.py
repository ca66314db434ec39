"""Redis: the connection, and every key, one module a family of keys."""
