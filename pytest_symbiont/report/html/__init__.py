"""A session as one page: ``--evolve-html``, or ``python -m pytest_symbiont.report.html TRACE PAGE``."""
