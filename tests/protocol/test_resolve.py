"""Which button is meant: spellings, globs and custom ids, and what to say when none fits."""

from __future__ import annotations

import pickle
import re

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from mjflow.errors import UnknownButton
from mjflow.protocol.buttons import canonical, known, resolve, traits
from mjflow.protocol.grammar import TABLE, human
from mjflow.protocol.spellings import FAMILIES, SPELLINGS, key
from mjflow.protocol.task import Button

from .pages import PAGES, button, offered

GRID = offered("grid")
PICTURE = offered("v6.1 picture")
CLIPS = offered("clips")
CLIP = offered("clip")
DESCRIBE = offered("describe")


@pytest.mark.parametrize(
    ("wanted", "page", "name"),
    [
        *((text, GRID, "U2") for text in ("U2", "u2", " U 2 ", "upscale 2", "Upscale_2", "U.2")),
        *((text, GRID, "V3") for text in ("V3", "variation 3", "vary 3", "Ｖ３")),
        *((text, GRID, "reroll") for text in ("🔄", "reroll", "Re-Roll", "R", "r", "🔁")),
        *(
            (text, PICTURE, "vary_region")
            for text in ("vary region", "Vary (Region)", "vary_region", "VARY-REGION", "inpaint")
        ),
        *((text, PICTURE, "vary_region") for text in ("🖌️", "🖌", "region", "varyregion")),
        *(
            (text, PICTURE, "zoom_1.5x")
            for text in ("zoom 1.5", "zoom:1.5", "Zoom Out 1.5x", "zoom_1.5x", "zoom 1.5x")
        ),
        *((text, PICTURE, "zoom_2x") for text in ("zoom 2", "zoom:2x", "Zoom Out (2x)")),
        *((text, PICTURE, "custom_zoom") for text in ("custom zoom", "CustomZoom", "zoom:custom")),
        *((text, PICTURE, "pan_left") for text in ("⬅️", "⬅", "pan left", "pan_left", "left", "←")),
        *((text, PICTURE, "upscale_subtle") for text in ("upscale_subtle", "Upscale (Subtle)")),
        *((text, PICTURE, "upscale_subtle") for text in ("upscale*subtle*", "*6r1*subtle*")),
        *((text, PICTURE, "animate_low") for text in ("animate low", "Animate (Low motion)")),
        *((text, PICTURE, "bookmark") for text in ("❤️", "❤", "bookmark", "heart")),
        ("make*", PICTURE, "make_square"),
        ("MJ::Outpaint::75*", PICTURE, "zoom_1.5x"),
        ("[vV]ary?(region)", PICTURE, "vary_region"),
        ("animate", [PAGES["v7 picture"]["animate_low"]], "animate_low"),
        ("extend low", CLIP, "extend_low"),
        ("u4", CLIPS, "U4"),
        *((text, DESCRIBE, "describe_retry") for text in ("🔄", "reroll", "retry")),
        *((text, DESCRIBE, "2") for text in ("2", "2️⃣", "2\u20e3")),
        *((text, DESCRIBE, "imagine_all") for text in ("Imagine all", "🎉", "imagine_all")),
    ],
)
def test_resolve_reads_every_spelling(wanted: str, page: list[Button], name: str) -> None:
    """Names, labels, emoji, short forms and globs all find their button."""
    assert canonical(resolve(wanted, page)) == name


def test_resolve_takes_a_raw_custom_id_to_the_letter() -> None:
    """A custom id finds its own button, whatever the others are called."""
    region = PAGES["v6.1 picture"]["vary_region"]
    liar = button("MJ::JOB::pan_left::1::{u}::SOLO", region.custom_id)

    assert resolve(f" {region.custom_id} ", [liar, *PICTURE]) == region


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ("❤️", button("MJ::JOB::reroll::0::{u}::SOLO", "", "❤️")),
        ("✨", button("MJ::JOB::reroll::0::{u}::SOLO", "", "✨")),
        ("U2", button("MJ::JOB::variation::2::{u}", "U2")),
    ],
)
def test_resolve_follows_neither_label_nor_emoji_against_the_custom_id(
    wanted: str, shown: Button
) -> None:
    """A button that says one thing and does another, known one is not clicked by what it says."""
    with pytest.raises(UnknownButton):
        resolve(wanted, [shown])


def test_resolve_believes_an_emoji_where_nothing_else_is_known() -> None:
    """An unlabelled button with an unknown custom id can be meant by its emoji."""
    odd = button("MJ::JOB::sparkle::1::{u}", "", "✨")

    assert resolve("✨", [*GRID, odd]) == odd


def test_resolve_finds_an_unknown_button_by_its_label_and_slug() -> None:
    """Buttons of versions to come can be clicked by what stands on them."""
    odd = button("MJ::JOB::upsample_light::1::{u}", "Light Upscale Redo")

    assert {resolve(text, [*GRID, odd]) for text in ("light upscale-redo", "*redo")} == {odd}


@pytest.mark.parametrize("label", ["Pan", "Upscale", "Really? [y/n]", "Redo *"])
def test_resolve_finds_an_unknown_button_that_is_called_like_a_family_or_a_glob(label: str) -> None:
    """What stands on a button to the letter is that button, whatever else it could mean."""
    odd = button("MJ::JOB::novelty::1::{u}", label)

    assert resolve(label, [*PICTURE, odd]) == odd


@pytest.mark.parametrize(
    ("wanted", "page", "candidates"),
    [
        ("Vary*", PICTURE, ("Vary (Subtle)", "Vary (Strong)", "Vary (Region)")),
        ("zoom", PICTURE, ("Zoom Out 2x", "Zoom Out 1.5x", "Custom Zoom")),
        ("🔍", PICTURE, ("Zoom Out 2x", "Zoom Out 1.5x", "Custom Zoom")),
        ("upscale", PICTURE, ("Upscale (Subtle)", "Upscale (Creative)")),
        ("pan", PICTURE, ("⬅️", "➡️", "⬆️", "⬇️")),
        ("u", GRID, ("U1", "U2", "U3", "U4")),
        ("[UV]1", GRID, ("U1", "V1")),
    ],
)
def test_resolve_refuses_what_fits_several_buttons(
    wanted: str, page: list[Button], candidates: tuple[str, ...]
) -> None:
    """An ambiguous text is refused with all its candidates."""
    with pytest.raises(UnknownButton) as caught:
        resolve(wanted, page)

    assert caught.value.available == candidates
    assert str(caught.value) == (
        f"{wanted!r} fits several buttons. Say which you mean: {', '.join(candidates)}."
    )


def test_resolve_tells_buttons_of_one_name_apart_by_custom_id() -> None:
    """Two different buttons with the same label are listed by their custom ids."""
    twins = [button(f"MJ::JOB::pan_up::{n}::{{u}}", "Up") for n in (1, 2)]

    with pytest.raises(UnknownButton) as caught:
        resolve("up", twins)

    assert caught.value.available == tuple(twin.custom_id for twin in twins)


def test_resolve_takes_a_button_listed_twice_for_one() -> None:
    """The same custom id twice is no choice to be made."""
    assert resolve("U2", [*GRID, evolve(GRID[1], style=3)]).custom_id == GRID[1].custom_id


@pytest.mark.parametrize(
    ("wanted", "page", "nearest", "hint"),
    [
        ("Vary (Region)", GRID, None, "Click U1, U2, U3 or U4 first"),
        ("zoom 2", GRID, None, "Click U1, U2, U3 or U4 first"),
        ("⬅️", GRID, None, "Click U1, U2, U3 or U4 first"),
        ("upscale_subtle", GRID, None, "Click U1, U2, U3 or U4 first"),
        ("*region*", GRID, None, "Click U1, U2, U3 or U4 first"),
        ("MJ::Inpaint::1::elsewhere::SOLO", GRID, None, "Click U1, U2, U3 or U4 first"),
        ("extend high", CLIPS, None, "Click U1, U2, U3 or U4 first"),
        ("U2", PICTURE, None, "a single picture already"),
        ("V1", PICTURE, None, "a single picture already"),
        ("U2", CLIP, None, "a single clip already"),
        ("upscale 2x", PICTURE, "Upscale (Subtle)", "depends on its model version"),
        ("MJ::JOB::upsample::1::elsewhere", GRID, "U1", "belongs to one task alone"),
        ("MJ::What::ever", GRID, None, "belongs to one task alone"),
        ("varry regoin", PICTURE, "Vary (Region)", ""),
        ("rerol", GRID, "reroll", ""),
        ("upscale*subtel*", PICTURE, "Upscale (Subtle)", ""),
        ("U2", [], None, "They come when a task has ended well"),
        ("", GRID, None, ""),
        ("()", GRID, None, ""),
        ("zoom 15", PICTURE, "Zoom Out 1.5x", ""),
    ],
)
def test_resolve_says_what_is_there_and_what_to_do(
    wanted: str, page: list[Button], nearest: str | None, hint: str
) -> None:
    """A miss lists the buttons there are, the nearest, and a hint where one is known."""
    with pytest.raises(UnknownButton) as caught:
        resolve(wanted, page)

    error = caught.value
    assert error.wanted == wanted
    assert error.available == tuple(human(shown) for shown in page)
    assert error.nearest == nearest
    assert hint in error.advice
    assert hint or error.advice.endswith(f"The buttons here: {', '.join(error.available)}.")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("U2", "U2"),
        ("upscale 2", "U2"),
        ("Vary (Region)", "vary_region"),
        ("zoom:1.5", "zoom_1.5x"),
        ("🔄", "reroll"),
        ("r", "reroll"),
        ("⬅", "pan_left"),
        ("1️⃣", "1"),
        ("show details", "show_details"),
        (" MJ::Inpaint::1::x ", "MJ::Inpaint::1::x"),
        ("upscale*subtle*", "upscale*subtle*"),
        ("U?", "U?"),
        ("[UV]1", "[UV]1"),
    ],
)
def test_known_names_a_button_without_a_task(wanted: str, name: str) -> None:
    """Spellings become canonical names; custom ids and globs stay as they are."""
    assert known(wanted) == name


@pytest.mark.parametrize("name", sorted({row.name for row in TABLE}))
def test_known_accepts_every_canonical_name(name: str) -> None:
    """Every canonical name is its own spelling."""
    assert known(name) == name


@pytest.mark.parametrize(
    ("wanted", "nearest", "said"),
    [
        ("vary regoin", "vary_region", "Did you mean 'vary_region'? Common ones: U1, "),
        ("upscale_subtel", "upscale_subtle", "Did you mean 'upscale_subtle'? "),
        ("qqq", None, "no button is called 'qqq'. Common ones: U1, U2, U3, U4, V1"),
        ("", None, "no button is called ''"),
        ("vary", None, "'vary' fits several buttons. Say which you mean: V1, V2, V3, V4, vary_"),
    ],
)
def test_known_refuses_before_anything_is_paid(wanted: str, nearest: str | None, said: str) -> None:
    """A spelling that nobody uses, or that fits several buttons, is refused with a proposal."""
    with pytest.raises(UnknownButton) as caught:
        known(wanted)

    assert caught.value.nearest == nearest
    assert said in str(caught.value)


def test_no_spelling_means_two_buttons_that_may_stand_side_by_side() -> None:
    """Only reroll shares its spellings, with describe's own."""
    shared = {names for names in SPELLINGS.values() if len(names) > 1}

    assert shared == {("reroll", "describe_retry")}
    assert set(SPELLINGS).isdisjoint(FAMILIES)
    assert {name for names in FAMILIES.values() for name in names} <= {row.name for row in TABLE}


def respaced(label: str) -> st.SearchStrategy[str]:
    """Texts that differ from a label in case and in what stands between its words."""
    words = re.findall(r"\d+(?:\.\d+)?x?|[A-Za-z]+", label)
    gaps = st.lists(
        st.sampled_from(["", " ", "  ", "-", "_", " (", ": "]),
        min_size=len(words),
        max_size=len(words),
    )
    change = st.sampled_from([str.upper, str.lower, str.title, str])
    return st.builds(
        lambda between, recase: recase("".join(g + w for g, w in zip(between, words, strict=True))),
        gaps,
        change,
    )


@st.composite
def offers(draw: st.DrawFn) -> tuple[str, Button, list[Button]]:
    """A text by which one button of a task is meant, that button, and all of them, shuffled."""
    page = draw(st.sampled_from(sorted(PAGES)))
    name, meant = draw(st.sampled_from(list(PAGES[page].items())))
    texts = [st.just(name), st.just(meant.custom_id)]
    if meant.label:
        texts += [st.just(meant.label), respaced(meant.label)]
    everything = draw(st.permutations(offered(page)))
    return draw(st.one_of(texts)), meant, everything


@given(offers())
def test_resolve_finds_a_button_by_everything_it_is_called(
    offer: tuple[str, Button, list[Button]],
) -> None:
    """Canonical name, custom id and label, however spaced and cased, find that same button."""
    wanted, meant, page = offer

    assert resolve(wanted, page) == meant


ODD_TEXTS = st.text() | st.text("UV1234*?[]:!-._ zoomvaryR🔄⬅\ufe0f\u20e3", max_size=12)
ODD_BUTTONS = st.lists(
    st.sampled_from([*GRID, *PICTURE, *DESCRIBE])
    | st.builds(Button, custom_id=ODD_TEXTS, label=ODD_TEXTS, emoji=ODD_TEXTS),
    max_size=8,
)


@given(ODD_TEXTS, ODD_BUTTONS)
def test_resolve_and_known_raise_nothing_but_unknown_button(
    wanted: str, page: list[Button]
) -> None:
    """Any text against any buttons finds one of them or raises UnknownButton."""
    try:
        assert resolve(wanted, page) in page
    except UnknownButton as error:
        assert error.wanted == wanted
    try:
        assert traits(known(wanted)).action
    except UnknownButton as error:
        assert error.wanted == wanted


@given(st.text())
def test_key_of_a_key_is_itself(text: str) -> None:
    """Nothing more is lost when a key is taken for a text."""
    assert key(key(text)) == key(text)
