"""Prompts: mended before they are sent, and their parameters read (P§11.1)."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mjflow.errors import InvalidInput
from mjflow.protocol.prompts import parameters, seed_of, tidy, version_of

DASHES = "‐‑‒–—―−─⸺⸻﹘﹣－"


@pytest.mark.parametrize(
    ("prompt", "mended"),
    [
        ("your prompt —zoom 2", "your prompt --zoom 2"),
        ("如 “your prompt —zoom 2”", "如 “your prompt --zoom 2”"),
        ("a cat —v 6", "a cat --v 6"),
        ("a cat –v 6.1 –ar 16:9", "a cat --v 6.1 --ar 16:9"),
        ("—ar 16:9", "--ar 16:9"),
        ("a cat ——ar 16:9", "a cat --ar 16:9"),
        ("a cat -—v 6", "a cat --v 6"),
        ("a cat —-v 6", "a cat --v 6"),
        ("a cat —v6", "a cat --v6"),
        ("a cat —q .5 —seed 123", "a cat --q .5 --seed 123"),
        ("a cat —AR 16:9 —V 6", "a cat --AR 16:9 --V 6"),
        ("a cat, —s 250, soft", "a cat, --s 250, soft"),
        ("a cat,—v 6", "a cat, --v 6"),
        ("一只猫——ar 16:9", "一只猫 --ar 16:9"),
        ("一只猫，—ar 16：9", "一只猫， --ar 16：9"),
        ("a cat —no text, people", "a cat --no text, people"),
        ("a cat —sref https://a.b/c—v 6", "a cat --sref https://a.b/c—v 6"),
        ("a cat —style raw —tile", "a cat --style raw --tile"),
        ("a cat —raw —draft --v 7", "a cat --raw --draft --v 7"),
        ("a cat —fast", "a cat --fast"),
        ("a cat —niji", "a cat --niji"),
        ("a cat —niji 6", "a cat --niji 6"),
        ("a cat —p", "a cat --p"),
        ("a cat —p abc123", "a cat --p abc123"),
        ("a cat —video 1 —motion high", "a cat --video 1 --motion high"),
        ("a cat —video —end loop —bs 1", "a cat --video --end loop --bs 1"),
        ("one\n— two\n—v 6", "one — two --v 6"),
    ],
)
def test_tidy_mends_long_dashes_before_parameters(prompt: str, mended: str) -> None:
    """A parameter behind a typographic dash gets its two hyphens back, with a warning."""
    text, warnings = tidy(prompt)

    assert text == mended
    assert [bool(re.match("long dashes were mended", said)) for said in warnings] == [True]


@pytest.mark.parametrize("dash", DASHES)
def test_tidy_knows_every_long_dash(dash: str) -> None:
    """Hyphens, dashes, bars, minus signs and their wide forms are all mended."""
    assert tidy(f"a cat {dash}v 6")[0] == "a cat --v 6"


@pytest.mark.parametrize(
    "prompt",
    [
        "a cat — sleeping",
        "a cat —sleeping on a mat",
        "a cat – ar 16:9",
        "cat–dog, 1990–2000, v—6",
        "a cat—v 6",
        "«—Hola—», dijo",
        "a cat --v 6 --ar 16:9",
        "a well-known cat -v 6",
        "−5 degrees",
        "https://a.b/x–v 6",
    ],
)
def test_tidy_leaves_other_dashes_alone(prompt: str) -> None:
    """Dashes inside words, between words and before ordinary words stay, without a warning."""
    assert tidy(prompt) == (prompt, ())


@pytest.mark.parametrize(
    ("prompt", "left"),
    [
        ("a race —fast cars", "—fast"),
        ("a poster —style of Monet", "—style"),
        ("a street —video game art", "—video"),
        ("a cat —ar 16x9", "—ar"),
        ("a cat —v", "—v"),
        ("vitamin —c 3po", "—c"),
        ("“Stop!”—No one moves", "—No"),
        ("stop!—no one moves", "—no"),
        ("a sign —No entry", "—No"),
    ],
)
def test_tidy_asks_when_a_dash_may_or_may_not_mean_a_parameter(prompt: str, left: str) -> None:
    """A parameter's name without a fitting value is left as text, and named in a warning."""
    said = f"left as text, write '--' if a parameter is meant: {left}"

    assert tidy(prompt) == (prompt, (said,))


def test_tidy_tells_once_of_all_that_it_mended() -> None:
    """The warning names each parameter as it was written."""
    assert tidy("a cat —v 6 –ar 16:9 —tile top") == (
        "a cat --v 6 --ar 16:9 —tile top",
        (
            "long dashes were mended to '--' in: —v, –ar",
            "left as text, write '--' if a parameter is meant: —tile",
        ),
    )


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("  a cat  ", "a cat"),
        ("a\ncat\r\n\r\nin\tthe rain", "a cat in the rain"),
        ("a\u00a0cat\u3000in\u2028the\u200brain", "a cat in the rain"),
        ("\ufeffa c\u2060at", "a cat"),
        ("a\x00cat\x1b\x85!", "a cat !"),
        ("👩\u200d🚀 می\u200cخواهم", "👩\u200d🚀 می\u200cخواهم"),
    ],
)
def test_tidy_folds_newlines_and_odd_spaces(prompt: str, expected: str) -> None:
    """Whitespace and control characters become single spaces; joiners inside words stay."""
    assert tidy(prompt) == (expected, ())


@pytest.mark.parametrize("prompt", ["", "  ", "\n\t\u3000", "\ufeff\u200b\x00"])
def test_tidy_refuses_an_empty_prompt(prompt: str) -> None:
    """Nothing visible is nothing to draw."""
    with pytest.raises(InvalidInput, match=r"the prompt is empty\. .*nothing was sent"):
        tidy(prompt)


def test_tidy_refuses_what_cannot_be_encoded() -> None:
    """Half a surrogate, as of an argument in another encoding, is caught before it is sent."""
    with pytest.raises(InvalidInput, match="not text from character 5 on"):
        tidy("a ca\udce9t")


WORDS = ["a", "cat", "猫", "v", "ar", "no", "fast", "style", "raw", "zoom", "6", "16:9"]
PIECES = st.sampled_from([*WORDS, " ", " ", " ", "\n", ",", "--", "—", "–", "——"])


@given(st.lists(PIECES).map("".join) | st.text())
@example("a cat —fast—v 6")
def test_tidy_changes_nothing_but_dashes_and_spaces(prompt: str) -> None:
    """Whatever comes in, all letters stay, nothing is mended twice, nothing odd is raised."""
    try:
        text, _ = tidy(prompt)
    except InvalidInput:
        return
    other = re.compile(rf"[-{DASHES}\s\u200b\u2060\ufeff\x00-\x1f\x7f-\x9f]")

    assert other.sub("", text) == other.sub("", prompt)
    assert tidy(text)[0] == text


@given(st.text(st.characters(blacklist_characters=DASHES, blacklist_categories=["Cs"])))
def test_tidy_warns_of_nothing_where_no_long_dash_is(prompt: str) -> None:
    """A prompt without typographic dashes is only ever stripped of odd spaces."""
    try:
        assert tidy(prompt)[1] == ()
    except InvalidInput as error:
        assert error.message == "the prompt is empty"


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a cat", {}),
        ("a cat --v 6.1 --ar 16:9", {"v": "6.1", "ar": "16:9"}),
        ("--tile", {"tile": ""}),
        ("a cat --no text, people --raw", {"no": "text, people", "raw": ""}),
        ("a cat --version 5.2 --aspect 2:3", {"v": "5.2", "ar": "2:3"}),
        ("a cat --chaos 5 --stylize 9 --weird 1", {"c": "5", "s": "9", "w": "1"}),
        ("a cat --quality .5 --repeat 2", {"q": ".5", "r": "2"}),
        ("a cat --V6 --AR 1:1", {"v": "6", "ar": "1:1"}),
        ("a cat --v 5 --ar 1:1 --v 6", {"ar": "1:1", "v": "6"}),
        ("a cat --sref https://a.b/x--y 123", {"sref": "https://a.b/x--y 123"}),
        ("a cat --new thing", {"new": "thing"}),
        ("a cat--v 6, rock -- roll, —v 6", {}),
    ],
)
def test_parameters_are_read_by_their_short_names(prompt: str, expected: dict[str, str]) -> None:
    """Values run to the next parameter; the last of a kind counts; text is no parameter."""
    found = parameters(prompt)

    assert list(found.items()) == list(expected.items())


@pytest.mark.parametrize(
    ("prompt", "seed"),
    [
        ("a cat --seed 123", "123"),
        ("a cat --seed 0", "0"),
        ("a cat --seed 4294967295 --v 6", "4294967295"),
        ("a cat --seed 4294967296", None),
        (f"a cat --seed {'9' * 5000}", None),
        ("a cat --seed 1.5", None),
        ("a cat --seed random", None),
        ("a cat --seed", None),
        ("a cat --sameseed 5", None),
        ("a cat", None),
    ],
)
def test_seed_of_a_prompt(prompt: str, seed: str | None) -> None:
    """Only a seed that Midjourney can take is one."""
    assert seed_of(prompt) == seed


@pytest.mark.parametrize(
    ("prompt", "version"),
    [
        ("a cat --v 6.1", "6.1"),
        ("a cat --version 7", "7"),
        ("a cat --v 5.2, soft light", "5.2"),
        ("a cat --niji 6", "niji 6"),
        ("a cat --niji", "niji"),
        ("a cat --niji --ar 1:1", "niji"),
        ("a cat --v 6 --niji 5", "niji 5"),
        ("a cat --niji 5 --v 6", "6"),
        ("a cat --v six", None),
        ("a cat --v 6girls", None),
        ("a cat", None),
    ],
)
def test_version_of_a_prompt(prompt: str, version: str | None) -> None:
    """The model is told as trueai tells it, without the `v`; the last one asked for counts."""
    assert version_of(prompt) == version
