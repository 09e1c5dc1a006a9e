"""Buttons: what they are called, and what a click on them does."""

from __future__ import annotations

import pytest

from mjflow.protocol.buttons import Traits, as_change, canonical, traits, traits_of
from mjflow.protocol.grammar import human
from mjflow.protocol.task import Button

from .pages import PAGES, button


@pytest.mark.parametrize(
    ("name", "shown"), [row for page in PAGES.values() for row in page.items()], ids=str
)
def test_canonical_name_of_every_button_of_the_fact_sheet(name: str, shown: Button) -> None:
    """Every button of P§6.1-6.3 has its canonical name."""
    assert canonical(shown) == name


@pytest.mark.parametrize(
    ("custom_id", "label", "emoji", "name"),
    [
        ("MJ::JOB::upsample::1::abc123", "", "", "U1"),
        ("MJ::JOB::upsample::2::5f20922e-xxx", "U2", "", "U2"),
        ("MJ::JOB::reroll::0::abc123", "", "🔄", "reroll"),
        ("MJ::JOB::reroll::0::abc123::SOLO", "", "ðŸ”„", "reroll"),
        ("MJ::JOB::reroll::0::abc123::SOLO", "", "❤️", "reroll"),
        ("MJ::Job::reroll::0::abc123", "", "", "reroll"),
        ("MJ::Inpaint::xxx", "", "", "vary_region"),
        ("MJ::CustomZoom::1::abc123", "", "", "custom_zoom"),
        ("MJ::JOB::upsample_v8_2x_subtle::1::abc123::SOLO", "", "", "upscale_subtle"),
        ("MJ::JOB::upsample_v5_2x::1::abc123::SOLO", "", "", "upscale_2x"),
        ("MJ::JOB::upsample_v6_2x_subtle::1::abc123::SOLO", "Redo Upscale", "", "upscale_subtle"),
        ("MJ::JOB::pan_left::1::abc123::SOLO", "", "⬅", "pan_left"),
        ("MJ::JOB::animate_high_extend::1::abc123", "", "", "extend_high"),
        ("MJ::JOB::animate_low_extend::1::abc123", "", "", "extend_low"),
        ("MJ::JOB::PromptAnalyzer::3", "", "", "3"),
        ("MJ::Job::PromptAnalyzerExtended::abc123", "", "", "show_details"),
        ("MJ::JOB::variation::1::abc123::SOLO", "V1", "", "V1"),
        ("MJ::JOB::variation::1::abc123", "Make Variations", "", "make_variations"),
        ("", "Vary (Region)", "", "vary_region"),
        ("anything", "zoom out 2x", "", "zoom_2x"),
    ],
)
def test_canonical_name_believes_the_custom_id_then_the_label(
    custom_id: str, label: str, emoji: str, name: str
) -> None:
    """A custom id is enough, in every form seen; a label serves where it is unknown."""
    assert canonical(button(custom_id, label, emoji)) == name


@pytest.mark.parametrize(
    ("custom_id", "label", "emoji", "name"),
    [
        ("MJ::JOB::upsample_light::1::{u}::SOLO", "Light Upscale Redo", "", "light_upscale_redo"),
        ("MJ::JOB::upsample_light::1::{u}::SOLO", "", "🔄", "upsample_light_1"),
        ("MJ::JOB::upsample::12::{u}", "U12", "", "u12"),
        ("MJ::Outpaint::33::1::{u}::SOLO", "Zoom Out 3.3x", "", "zoom_out_3.3x"),
        ("custom", "", "", "custom"),
        ("", "", "🔄", "unknown"),
        ("::", "()", "", "unknown"),
    ],
)
def test_canonical_name_of_an_unknown_button_is_a_slug(
    custom_id: str, label: str, emoji: str, name: str
) -> None:
    """A button in no table is called by its label, else its custom id, never by its emoji."""
    assert canonical(button(custom_id, label, emoji)) == name


def test_human_names_are_put_right_where_the_server_garbles_them() -> None:
    """People are shown labels, and emoji as they should be."""
    garbled = [
        button("MJ::JOB::reroll::0::{u}::SOLO", "", "ðŸ”„"),
        button("MJ::Inpaint::1::{u}::SOLO"),
        button("MJ::JOB::sparkle::1", "", "✨"),
        button("MJ::JOB::sparkle::1"),
    ]

    assert [human(one) for one in garbled] == ["🔄", "Vary (Region)", "✨", "MJ::JOB::sparkle::1"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("U1", Traits(action="UPSCALE", yields="picture")),
        ("V4", Traits(action="VARIATION", yields="grid", opens="remix", wants="prompt")),
        ("reroll", Traits(action="REROLL", yields="grid", opens="remix", wants="prompt")),
        ("upscale_2x", Traits(action="UPSCALE", yields="picture")),
        ("upscale_4x", Traits(action="UPSCALE", yields="picture")),
        ("upscale_subtle", Traits(action="UPSCALE", yields="picture")),
        ("upscale_creative", Traits(action="UPSCALE", yields="picture")),
        (
            "vary_subtle",
            Traits(action="LOW_VARIATION", yields="grid", opens="remix", wants="prompt"),
        ),
        (
            "vary_strong",
            Traits(action="HIGH_VARIATION", yields="grid", opens="remix", wants="prompt"),
        ),
        (
            "vary_region",
            Traits(
                action="INPAINT", yields="grid", opens="always", wants="mask and prompt", free=True
            ),
        ),
        ("zoom_2x", Traits(action="ZOOM", yields="grid")),
        ("zoom_1.5x", Traits(action="ZOOM", yields="grid")),
        ("make_square", Traits(action="ZOOM", yields="grid")),
        (
            "custom_zoom",
            Traits(action="CUSTOM_ZOOM", yields="grid", opens="always", wants="prompt", free=True),
        ),
        ("pan_left", Traits(action="PAN", yields="grid", opens="remix", wants="prompt")),
        ("pan_right", Traits(action="PAN", yields="grid", opens="remix", wants="prompt")),
        ("pan_up", Traits(action="PAN", yields="grid", opens="remix", wants="prompt")),
        ("pan_down", Traits(action="PAN", yields="grid", opens="remix", wants="prompt")),
        ("animate_high", Traits(action="VIDEO", yields="video", opens="remix", wants="prompt")),
        ("animate_low", Traits(action="VIDEO", yields="video", opens="remix", wants="prompt")),
        ("bookmark", Traits(action="BOOKMARK", yields="none", tasks=0)),
        (
            "make_variations",
            Traits(action="VARIATION", yields="grid", opens="remix", wants="prompt"),
        ),
        (
            "extend_high",
            Traits(action="VIDEO_EXTEND", yields="video", opens="remix", wants="prompt"),
        ),
        (
            "extend_low",
            Traits(action="VIDEO_EXTEND", yields="video", opens="remix", wants="prompt"),
        ),
        ("1", Traits(action="PIC_READER", yields="grid", opens="always", wants="prompt")),
        ("imagine_all", Traits(action="PIC_READER", yields="grid", tasks=4)),
        ("describe_retry", Traits(action="DESCRIBE", yields="none")),
        ("5", Traits(action="IMAGINE", yields="grid", opens="always", wants="prompt")),
        ("show_details", Traits(action="SHORTEN", yields="none")),
        ("MJ::Inpaint::xxx", traits("vary_region")),
        ("MJ::JOB::pan_left::1::x::SOLO", traits("pan_left")),
    ],
)
def test_traits_of_every_button(name: str, expected: Traits) -> None:
    """Dialogs, what they want, price word and result are as P§3.6, P§5.3 and P§6 say."""
    assert traits(name) == expected


@pytest.mark.parametrize("name", ["light_upscale_redo", "MJ::JOB::sparkle::1", "*subtle*", ""])
def test_traits_of_an_unknown_button_are_marked_as_a_guess(name: str) -> None:
    """Of a button in no table anything may be true, a dialog above all."""
    guess = traits(name)

    assert (guess.known, guess.opens, guess.free) == (False, "remix", False)


def test_traits_of_a_button_tell_a_video_from_a_grid() -> None:
    """`U1` of a video yields a video, and its 1 of shorten is no 1 of describe."""
    assert [traits_of(PAGES[page]["U1"]).yields for page in ("grid", "clips")] == [
        "picture",
        "video",
    ]
    assert traits_of(PAGES["shorten"]["1"]).action == "IMAGINE"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("U2", ("UPSCALE", 2)),
        ("V3", ("VARIATION", 3)),
        ("reroll", ("REROLL", 1)),
        ("U5", None),
        ("vary_region", None),
        ("make_variations", None),
        ("", None),
    ],
)
def test_as_change_knows_what_servers_without_buttons_can_do(
    name: str, expected: tuple[str, int] | None
) -> None:
    """Only U, V and reroll have an action and an index for `submit/change`."""
    assert as_change(name) == expected
