"""Forms: any number of the same may be open at once."""
