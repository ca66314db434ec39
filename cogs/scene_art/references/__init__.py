"""Reference pictures: fetched behind a guard, taken apart, shrunk, labelled and cached."""
