"""What the game publishes: heard, bounded, checked, and put into the mailboxes of its channels."""
