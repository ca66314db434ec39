"""Pure values and rules: no input, no output, no library of the outside world."""
