"""The demonstration: a sample game is played and illustrated on this machine alone. Run `make demo`."""
