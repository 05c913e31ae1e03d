"""Certificates are read once a model, as the SDKs read them."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import anthropic
import openai
import pytest
from asking import ask
from model_server import ModelServer

from pytest_symbiont.models.openai import openai_model
from pytest_symbiont.models.trust import Trust
from pytest_symbiont.models.values import Message, ModelError, Position, Request

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

REQUEST = Request((Message("user", "Write fn f()."),), Position("f.rs::f", 1), 300, 0.25, 7)


@pytest.mark.parametrize("sdk", [openai, anthropic], ids=lambda sdk: str(sdk.__name__))
def test_there_is_one_context_with_the_environment_and_one_without(sdk: Any) -> None:
    trust = Trust()

    with_environment = trust.verify(sdk, trust_env=True)

    assert isinstance(with_environment, ssl.SSLContext)
    assert with_environment.verify_mode is ssl.CERT_REQUIRED
    assert with_environment.check_hostname
    assert trust.verify(sdk, trust_env=True) is with_environment
    assert trust.verify(sdk, trust_env=False) is not with_environment


def test_a_model_reads_certificates_for_its_first_answer_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    make = ssl.SSLContext.__new__

    def noted(*args: Any, **more: Any) -> Any:
        made.append("context")
        return make(*args, **more)

    monkeypatch.setattr(ssl.SSLContext, "__new__", noted)
    with ModelServer(["one", "two", "three"]) as server:
        model = openai_model("scripted", server.url, "none")
        assert [ask(model, REQUEST).text for _ in range(3)] == ["one", "two", "three"]

    assert made == ["context"]


def test_certificates_that_are_none_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "none.pem").write_text("no certificate")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))

    with pytest.raises(ModelError, match="cannot be asked"):
        ask(openai_model("scripted", "https://model.invalid/v1", "none"), REQUEST)
