"""The certificates that a model's server is known by, read once."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl

_LIBRARIES = frozenset({"httpx", "httpx2"})


@dataclass(slots=True)
class Trust:
    """What a client verifies servers by, as the SDK's HTTP library reads it from the system or environment.

    Every client would read some hundred certificates for itself: 25 to 50 ms of this machine's time for each
    answer, whether the server has a certificate or not.
    """

    _contexts: dict[bool, ssl.SSLContext] = field(default_factory=dict, repr=False)

    def verify(self, sdk: Any, *, trust_env: bool) -> ssl.SSLContext | bool:
        """What the HTTP client's ``verify`` gets. Raises what the library raises for a file that is none."""
        if trust_env not in self._contexts:
            library = _library(sdk.DefaultAsyncHttpxClient)
            if library is None:
                return True  # it reads them for itself
            self._contexts[trust_env] = library.create_ssl_context(trust_env=trust_env)
        return self._contexts[trust_env]


def _library(client: type) -> Any:
    """The HTTP library that a client is one of: httpx, or httpx2 in newer SDKs."""
    for base in client.__mro__:
        if (name := base.__module__.partition(".")[0]) in _LIBRARIES:
            return importlib.import_module(name)
    return None
