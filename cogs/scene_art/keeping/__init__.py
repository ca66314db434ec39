"""What a server keeps: its cast, its choices."""
