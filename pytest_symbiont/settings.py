"""Every option, once: command line > environment > ini > default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pytest

from pytest_symbiont import setting_values as values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_symbiont.build.isolation import Mode
    from pytest_symbiont.setting_values import Limit, Price

Start = Literal["current", "scratch"]
Record = Literal["none", "new", "all"]
Thinking = Literal["off", "low", "medium", "high", "max"]
Tools = Literal["own", "all", "off"]
Preference = Literal["throughput", "latency"]
Write = Literal["always", "review", "report", "never"]


# Values that every pytest session defines: as dataclasses they would take a millisecond each.
class Option(NamedTuple):
    """``rounds`` is ``--evolve-rounds``, ini ``evolve_rounds``, variable ``PYTEST_EVOLVE_ROUNDS``.

    ``parse`` makes its value of a text and raises ValueError with what is wrong; ``choices`` are in its
    place. Where ``default`` is empty, ``unset`` is the value that it has without being given.
    """

    name: str
    default: str
    help: str
    metavar: str = ""
    choices: tuple[str, ...] = ()
    parse: Callable[[str], Any] = str
    unset: Any = None

    @property
    def flag(self) -> str:
        return f"--evolve-{self.name}"

    @property
    def key(self) -> str:
        return f"evolve_{self.name}".replace("-", "_")

    @property
    def variable(self) -> str:
        return f"PYTEST_{self.key.upper()}"


# Verbs are flags of the command line only: an ini file must never start spending money.
VERBS = {
    "--evolve": "evolve the Rust bodies of red suites (default: off)",
    "--evolve-again": "evolve green suites too (default: off)",
    "--evolve-show-prompt": "print the first prompt of every red suite and stop (default: off)",
    "--evolve-watch": "run, and evolve what is red, on each save; accept or reject by key (default: off)",
    "--evolve-step": "evolve one red test after the other, each with the simplest body (default: off)",
    "--evolve-resume": "go on with the last session, whose answers are not asked for again (default: off)",
    "--evolve-only-stale": "evolve, green or red, only what is not as symbiont.lock says (default: off)",
    "--evolve-check": "ask no model; fail what is not as symbiont.lock says, or not green (default: off)",
    "--evolve-adopt": "ask no model; let symbiont.lock say what is there, where it is green (default: off)",
    "--symbiont-cache-clear": "empty the cache of Rust builds first (default: off)",
}
MODEL = Option(
    "model",
    "",
    "the model to ask, repeatable: NAME (an OpenAI-compatible server at OPENAI_BASE_URL), openai:NAME, "
    "anthropic:NAME, NAME@http://host:port/v1, local:PATH.gguf, or replay",
    "MODEL",
)
PRICE = Option(
    "price",
    "",
    "what a model costs, repeatable: MODEL=PROMPT,GENERATED in money a million tokens; * stands for any text",
    "PRICE",
)
STOP = Option("stop", "", "a text that ends an answer where the model writes it, repeatable", "TEXT")
# What may be given several times: one a line in an ini file and in the environment.
REPEATED = (MODEL, PRICE, STOP)
OPTIONS = (
    Option("from", "current", "the body to start from", choices=("current", "scratch")),
    Option(
        "record",
        "none",
        "which answers are recorded beside the suite for replay",
        choices=("none", "new", "all"),
    ),
    Option("rounds", "8", "how many answers a lane may cost", "N", parse=values.count(1)),
    Option("lanes", "1", "how many lines of attempts run beside each other", "N", parse=values.count(1)),
    Option(
        "concurrency", "4", "how many answers one server is asked for at once", "N", parse=values.count(1)
    ),
    Option(
        "prefer",
        "throughput",
        "which lane's question a busy server gets next: one that has asked least, or one nearest to its end",
        choices=("throughput", "latency"),
    ),
    Option(
        "answers",
        "",
        "how many answers the session may cost; N/suite limits each suite",
        "N",
        parse=values.whole_limit,
        unset=values.Limit(),
    ),
    Option(
        "max-tokens",
        "200000",
        "how many tokens may be generated in the session; N/suite limits each suite",
        "N",
        parse=values.whole_limit,
        unset=values.Limit(),
    ),
    Option(
        "budget",
        "",
        "how much money the session may cost; MONEY/suite limits each suite",
        "MONEY",
        parse=values.limit,
        unset=values.Limit(),
    ),
    Option(
        "max-time",
        "",
        "how many seconds evolution may take in the session; SECONDS/suite limits each suite",
        "SECONDS",
        parse=values.limit,
        unset=values.Limit(),
    ),
    Option(
        "stop-file",
        "",
        "a file whose appearance ends evolution after the answers under way",
        "PATH",
        unset="",
    ),
    Option("strategy", "adaptive", "how the next question is chosen", parse=str, metavar="NAME"),
    Option(
        "improve",
        "0",
        "how many rounds more a green body's metrics are improved in",
        "N",
        parse=values.count(0),
    ),
    Option("seed", "0", "the seed that sampling starts from", "N", parse=values.count(0)),
    Option("temperature", "0.7", "how freely a first answer is sampled, 0 to 2", "T", parse=values.share(2)),
    Option("top-p", "", "the share of likely tokens to sample from", "P", parse=values.share(1, above=True)),
    Option("answer-tokens", "2048", "how many tokens one answer may have", "N", parse=values.count(1)),
    Option(
        "answer-timeout",
        "180",
        "how many seconds a server that is asked may say nothing; a whole answer gets ten times that",
        "SECONDS",
        parse=values.seconds,
    ),
    Option(
        "thinking",
        "",
        "how much the model thinks first; without, as it does by itself",
        choices=("off", "low", "medium", "high", "max"),
    ),
    Option(
        "extra-body",
        "",
        "a JSON object that every request gets on top",
        "JSON",
        parse=values.json_object,
        unset="",
    ),
    Option(
        "tools",
        "own",
        "what the model may call before it answers: the project's own tools, ours too, or nothing",
        choices=("own", "all", "off"),
    ),
    Option(
        "tool-turns",
        "8",
        "how often an answer may call tools before it has to be there",
        "N",
        parse=values.count(1),
    ),
    Option(
        "tool-timeout",
        "10",
        "the deadline of one call of the project's own tools, in seconds",
        "SECONDS",
        parse=values.seconds,
    ),
    Option(
        "timeout",
        "10",
        "the deadline of one Rust call in a trial, in seconds",
        "SECONDS",
        parse=values.seconds,
    ),
    Option(
        "isolation",
        "auto",
        "how far candidates are kept from everything else",
        choices=("auto", "strict", "off"),
    ),
    Option(
        "allow",
        "none",
        "what candidates may use beside the safe part of std, with commas between",
        "WORDS",
        parse=values.allowed,
    ),
    Option(
        "write",
        "always",
        "what happens to winners at the end",
        choices=("always", "review", "report", "never"),
    ),
    Option(
        "coverage",
        "off",
        "tell the model which lines no test reaches, or only failing ones, and warn of such in winners",
        choices=("on", "off"),
        parse=values.switch,
    ),
    Option(
        "partial",
        "off",
        "write although part of a suite was deselected",
        choices=("on", "off"),
        parse=values.switch,
    ),
    Option("html", "", "a file that gets a page about the session", "PATH", unset=""),
    Option("report", "", "a file that gets what the session came to, as JSON", "PATH", unset=""),
    Option("trace", "", "a file that gets the session's lineage as JSON lines", "PATH", unset=""),
)


class Settings(NamedTuple):
    """What this session was asked to do, validated. Timeouts and ``max_time`` are in seconds.

    ``top_p`` and ``thinking`` are None where they are the model's own business.
    """

    again: bool
    show_prompt: bool
    resume: bool
    watch: bool
    step: bool
    check: bool
    adopt: bool
    only_stale: bool
    models: tuple[str, ...]
    prices: tuple[Price, ...]
    start: Start
    record: Record
    rounds: int
    lanes: int
    concurrency: int
    prefer: Preference
    answers: Limit
    max_tokens: Limit
    budget: Limit
    max_time: Limit
    stop_file: str
    strategy: str
    improve: int
    seed: int
    temperature: float
    top_p: float | None
    answer_tokens: int
    answer_timeout: float
    stop: tuple[str, ...]
    thinking: Thinking | None
    extra_body: str
    tools: Tools
    tool_turns: int
    tool_timeout: float
    timeout: float
    isolation: Mode
    allow: frozenset[str]
    write: Write
    coverage: bool
    partial: bool
    html: str
    report: str
    trace: str


def add_options(parser: pytest.Parser) -> None:
    """Register every option with pytest."""
    group = parser.getgroup("symbiont", "test-driven evolution of Rust bodies")
    for flag, text in VERBS.items():
        group.addoption(flag, action="store_true", default=False, help=text)
    for option in REPEATED:
        default = (
            "the model, server or key of the environment, else the recorded answers"
            if option is MODEL
            else "none"
        )
        text = f"{option.help} (default: {default})"
        group.addoption(option.flag, action="append", default=None, metavar=option.metavar, help=text)
        parser.addini(
            option.key, f"{option.help}, one a line (default: {default})", type="linelist", default=[]
        )
    for option in OPTIONS:
        choices = f" ({'|'.join(option.choices)})" if option.choices else ""
        text = f"{option.help}{choices} (default: {option.default or 'none'})"
        if option.parse is values.switch:
            group.addoption(option.flag, action="store_const", const="on", default=None, help=text)
        else:
            group.addoption(
                option.flag, default=None, metavar=option.metavar or option.name.upper(), help=text
            )
        parser.addini(option.key, text, type="string", default=None)
    parser.addini(
        "evolve_crates",
        "folders of Cargo packages whose #[test] functions are tests, one a line, features behind it",
        type="linelist",
        default=[],
    )


def read(config: pytest.Config, environ: Mapping[str, str]) -> Settings:
    """The validated settings. Raises `pytest.UsageError` naming where a wrong value came from."""
    given = {option.key.removeprefix("evolve_"): _given(option, config, environ) for option in OPTIONS}
    priced = _repeated(PRICE, config, environ)
    try:
        prices = values.prices(priced)
    except ValueError as problem:
        raise pytest.UsageError(f"{PRICE.flag}: {problem}") from None
    given["start"] = given.pop("from")
    _refuse_two(config)
    _refuse_beside_steps(config, given["improve"])
    return Settings(
        # From scratch there is something to do for green targets too.
        again=config.getoption("--evolve-again") or given["start"] == "scratch",
        check=config.getoption("--evolve-check"),
        adopt=config.getoption("--evolve-adopt"),
        only_stale=config.getoption("--evolve-only-stale"),
        show_prompt=config.getoption("--evolve-show-prompt"),
        resume=config.getoption("--evolve-resume"),
        watch=config.getoption("--evolve-watch"),
        step=config.getoption("--evolve-step"),
        models=_repeated(MODEL, config, environ),
        stop=_repeated(STOP, config, environ),
        prices=prices,
        **given,
    )


def _refuse_two(config: pytest.Config) -> None:
    """Asking a model and asking none exclude each other."""
    given = [verb for verb in VERBS if verb.startswith("--evolve") and config.getoption(verb)]
    for verb in ("--evolve-check", "--evolve-adopt"):
        if verb in given and len(given) > 1:
            other = next(each for each in given if each != verb)
            raise pytest.UsageError(
                f"{verb} asks no model and does not go with {other}; leave one of them out"
            )


def _refuse_beside_steps(config: pytest.Config, improve: int) -> None:
    """One red test after the other: where nothing is red there is no step to take."""
    if not config.getoption("--evolve-step"):
        return
    for flag, is_given, instead in (
        ("--evolve-again", config.getoption("--evolve-again"), "to begin anew give --evolve-from=scratch"),
        ("--evolve-only-stale", config.getoption("--evolve-only-stale"), "leave one of them out"),
        ("--evolve-improve", improve, "improve when every test is green, with --evolve-improve=N alone"),
    ):
        if is_given:
            raise pytest.UsageError(
                f"--evolve-step takes one red test after the other and does not go with {flag}; {instead}"
            )


def _repeated(option: Option, config: pytest.Config, environ: Mapping[str, str]) -> tuple[str, ...]:
    told = environ.get(option.variable, "")
    # The names of models have no spaces, and were always told apart by them.
    words = told.split() if option is MODEL else [line for line in told.split("\n") if line]
    return tuple(config.getoption(option.flag) or words or config.getini(option.key))


def _given(option: Option, config: pytest.Config, environ: Mapping[str, str]) -> Any:
    for source, value in (
        (option.flag, config.getoption(option.flag)),
        (option.variable, environ.get(option.variable) or None),
        (
            f"{option.key} in {config.inipath.name if config.inipath else 'the ini file'}",
            config.getini(option.key),
        ),
    ):
        if value not in {None, ""}:
            return _parse(option, str(value).strip(), source)
    return _parse(option, option.default, "the default")


def _parse(option: Option, value: str, source: str) -> Any:
    if not value:
        return option.unset
    if option.choices and option.parse is str:
        if value in option.choices:
            return value
        raise pytest.UsageError(f"{source}: {value!r} is not valid; choose from {', '.join(option.choices)}")
    try:
        return option.parse(value)
    except ValueError as problem:
        raise pytest.UsageError(f"{source}: {problem}") from None
