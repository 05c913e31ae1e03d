"""Evolution over the workers of pytest-xdist: they build and try, the controller asks, writes and reports."""
