"""From the two Redis channels into the inboxes of the Discord channels."""
