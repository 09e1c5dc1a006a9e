"""What answers to dialogs must say, and what they can never say (P§6.4)."""

from __future__ import annotations

import pytest

from mjflow.errors import InvalidInput
from mjflow.protocol.answers import check_answer, complete, lent, text_at
from mjflow.protocol.grammar import TABLE

UUID = "7b4e9a52-0c1d-4f0e-9a8e-3d8f2b6c1a90"

NO_DIALOG = [
    *("U1", "U2", "U3", "U4", "upscale_subtle", "upscale_creative", "upscale_2x", "upscale_4x"),
    *("zoom_2x", "zoom_1.5x", "make_square", "bookmark", "imagine_all", "show_details"),
    *(f"MJ::JOB::upsample::2::{UUID}", f"MJ::Outpaint::50::1::{UUID}::SOLO"),
]
#: What no table knows, or only the task's own buttons can tell.
UNKNOWN = ["MJ::JOB::sparkle::1::x", "*redo*", "a new button", "vary", ""]


@pytest.mark.parametrize("name", NO_DIALOG)
def test_a_button_without_a_dialog_takes_no_data(name: str) -> None:
    """A prompt for U1 would never be used, and what it leads to is paid."""
    with pytest.raises(InvalidInput, match="opens no dialog, so it takes no prompt"):
        check_answer(name, "a dog", mask=False)
    with pytest.raises(InvalidInput, match="opens no dialog, so it takes no mask"):
        check_answer(name, "", mask=True)


@pytest.mark.parametrize("name", [row.name for row in TABLE if row.traits.opens != "never"])
def test_a_button_with_a_dialog_takes_a_prompt_and_only_one_a_mask(name: str) -> None:
    """Vary (Region) alone repaints a part (P§6.4)."""
    check_answer(name, "a dog", mask=False)
    if name == "vary_region":
        check_answer(name, "a dog", mask=True)
        return
    with pytest.raises(InvalidInput, match="takes no mask"):
        check_answer(name, "a dog", mask=True)


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_unknown_passes(name: str) -> None:
    """Only the task's own buttons, or the server, can tell."""
    check_answer(name, "a dog", mask=True)


@pytest.mark.parametrize("name", [*NO_DIALOG, *UNKNOWN])
def test_no_data_is_right_for_every_button(name: str) -> None:
    """Nothing given, nothing to check."""
    check_answer(name, "", mask=False)


@pytest.mark.parametrize("zoom", ["1", "1.0", "1.35", "2", "2.0"])
def test_custom_zoom_goes_from_1_to_2(zoom: str) -> None:
    """What Midjourney takes passes (P§11.1)."""
    check_answer("custom_zoom", f"a cat --zoom {zoom} --v 6.1", mask=False)


@pytest.mark.parametrize("zoom", ["0.9", "2.1", "3", "-1", "far", "nan", "inf", ""])
def test_a_zoom_that_would_fail_is_refused(zoom: str) -> None:
    """The server accepts it and Midjourney fails it, an answer later."""
    with pytest.raises(InvalidInput, match="it is from 1 to 2"):
        check_answer("custom_zoom", f"a cat --zoom {zoom}", mask=False)


@pytest.mark.parametrize(
    ("name", "given", "sent"),
    [
        ("custom_zoom", "a barn", "a barn --zoom 2"),
        ("custom_zoom", "a barn --v 6.1 ", "a barn --v 6.1 --zoom 2"),
        ("custom_zoom", "a barn --zoom 1.3 --v 6.1", "a barn --zoom 1.3 --v 6.1"),
        ("custom_zoom", "", ""),
        ("animate_high", "it runs", "it runs --motion high"),
        ("animate_low", "it runs", "it runs --motion low"),
        ("animate_low", "it runs --motion high", "it runs --motion high"),
        ("V1", "a barn", "a barn"),
        ("vary_region", "a barn", "a barn"),
        ("sparkle", "a barn", "a barn"),
    ],
)
def test_a_prompt_is_completed_with_what_its_dialog_needs(name: str, given: str, sent: str) -> None:
    """Custom Zoom needs --zoom and Animate --motion; nobody else needs anything (P§6.4)."""
    assert complete(name, given) == sent


@pytest.mark.parametrize(
    ("name", "found", "sent"),
    [
        ("V1", "a cat --zoom 1.5", "a cat"),
        ("vary_region", "a cat --zoom 2 --v 6.1", "a cat --v 6.1"),
        ("reroll", "--zoom 1.5 a cat", "a cat"),
        ("pan_left", "a cat --ZOOM 2", "a cat"),
        ("V1", "a --zoomed cat", "a --zoomed cat"),
        ("V1", "a cat --zoom --v 6.1", "a cat --v 6.1"),
        ("custom_zoom", "a cat --zoom 1.5", "a cat --zoom 1.5"),
        ("custom_zoom", "a cat", "a cat --zoom 2"),
        ("animate_high", "a cat --zoom 1.5", "a cat --motion high"),
        ("V1", "", ""),
    ],
)
def test_a_borrowed_prompt_is_valid_in_its_new_place(name: str, found: str, sent: str) -> None:
    """`--zoom` is valid in Custom Zoom's dialog alone, and there it must be (P§11.1)."""
    assert lent(name, found) == sent


TEXTS = "1️⃣ a quiet valley --ar 3:2\n\n2️⃣ mountains at dusk\n\n3\u20e3  a lake \n\n4️⃣ pine forests 5️⃣"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "a quiet valley --ar 3:2"),
        (2, "mountains at dusk"),
        (3, "a lake"),
        (4, "pine forests 5️⃣"),
        (5, ""),
    ],
)
def test_a_text_is_found_by_its_keycap(number: int, text: str) -> None:
    """Each text of a describe or a shorten begins with its number (P§2.8)."""
    assert text_at(TEXTS, number) == text


@pytest.mark.parametrize("texts", ["", "a cat", "1. a cat", "\n\n"])
def test_texts_without_keycaps_have_none(texts: str) -> None:
    """Nothing is guessed from a prompt that is no list."""
    assert text_at(texts, 1) == ""
