"""What people and hosts can do, without any Discord type."""
