"""Services for people and hosts, without any Discord type."""
