"""``--evolve-watch``: on each save the affected suites run anew, in a pytest of their own."""
