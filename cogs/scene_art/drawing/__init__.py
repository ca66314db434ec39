"""From a scene to a finished picture: who is in it, told how, painted by whom, paid by what."""
