"""What the host's own code can ask for and is told, without Redis or Discord between the two."""
