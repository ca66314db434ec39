"""What the host's own code is told."""
