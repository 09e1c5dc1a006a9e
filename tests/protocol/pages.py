"""What each kind of result offers, copied from P§6: canonical name, custom id, label, emoji."""

from __future__ import annotations

from mjflow.protocol.task import Button

JOB = "125fd761-3d07-4252-8513-8a07dce51ce7"

GRID = """
U1 | MJ::JOB::upsample::1::{u} | U1 |
U2 | MJ::JOB::upsample::2::{u} | U2 |
U3 | MJ::JOB::upsample::3::{u} | U3 |
U4 | MJ::JOB::upsample::4::{u} | U4 |
V1 | MJ::JOB::variation::1::{u} | V1 |
V2 | MJ::JOB::variation::2::{u} | V2 |
V3 | MJ::JOB::variation::3::{u} | V3 |
V4 | MJ::JOB::variation::4::{u} | V4 |
reroll | MJ::JOB::reroll::0::{u} | | 🔄
"""

V5_UPSCALES = """
upscale_2x | MJ::JOB::upsample_v5_2x::1::{u}::SOLO | Upscale (2x) | upscale_1
upscale_4x | MJ::JOB::upsample_v5_4x::1::{u}::SOLO | Upscale (4x) | upscale_1
"""

UPSCALES = """
upscale_subtle | MJ::JOB::upsample_{v}_2x_subtle::1::{u}::SOLO | Upscale (Subtle) | upscale_1
upscale_creative | MJ::JOB::upsample_{v}_2x_creative::1::{u}::SOLO | Upscale (Creative) | upscale_1
"""

SINGLE = """
vary_subtle | MJ::JOB::low_variation::1::{u}::SOLO | Vary (Subtle) | 🪄
vary_strong | MJ::JOB::high_variation::1::{u}::SOLO | Vary (Strong) | 🪄
vary_region | MJ::Inpaint::1::{u}::SOLO | Vary (Region) | 🖌️
zoom_2x | MJ::Outpaint::50::1::{u}::SOLO | Zoom Out 2x | 🔍
zoom_1.5x | MJ::Outpaint::75::1::{u}::SOLO | Zoom Out 1.5x | 🔍
make_square | MJ::Outpaint::100::1::{u}::SOLO | Make Square |
custom_zoom | MJ::CustomZoom::{u} | Custom Zoom | 🔍
pan_left | MJ::JOB::pan_left::1::{u}::SOLO | | ⬅️
pan_right | MJ::JOB::pan_right::1::{u}::SOLO | | ➡️
pan_up | MJ::JOB::pan_up::1::{u}::SOLO | | ⬆️
pan_down | MJ::JOB::pan_down::1::{u}::SOLO | | ⬇️
animate_high | MJ::JOB::animate_high::1::{u}::SOLO | Animate (High motion) | 🎞️
animate_low | MJ::JOB::animate_low::1::{u}::SOLO | Animate (Low motion) | 🎞️
bookmark | MJ::BOOKMARK::{u} | | ❤️
reroll | MJ::JOB::reroll::0::{u}::SOLO | | 🔄
"""

V4_PICTURE = """
make_variations | MJ::JOB::variation::1::{u}::SOLO | Make Variations |
bookmark | MJ::BOOKMARK::{u} | | ❤️
"""

CLIPS = """
U1 | MJ::JOB::video_virtual_upscale::1::{u} | U1 |
U2 | MJ::JOB::video_virtual_upscale::2::{u} | U2 |
U3 | MJ::JOB::video_virtual_upscale::3::{u} | U3 |
U4 | MJ::JOB::video_virtual_upscale::4::{u} | U4 |
"""

CLIP = """
extend_high | MJ::JOB::animate_high_extend::1::{u} | Extend (High motion) |
extend_low | MJ::JOB::animate_low_extend::1::{u} | Extend (Low motion) |
"""

DESCRIBE = """
1 | MJ::Job::PicReader::1 | | 1️⃣
2 | MJ::Job::PicReader::2 | | 2️⃣
3 | MJ::Job::PicReader::3 | | 3️⃣
4 | MJ::Job::PicReader::4 | | 4️⃣
imagine_all | MJ::Job::PicReader::all | Imagine all | 🎉
describe_retry | MJ::Picread::Retry | | 🔄
"""

SHORTEN = """
1 | MJ::Job::PromptAnalyzer::1 | | 1️⃣
2 | MJ::Job::PromptAnalyzer::2 | | 2️⃣
3 | MJ::Job::PromptAnalyzer::3 | | 3️⃣
4 | MJ::Job::PromptAnalyzer::4 | | 4️⃣
5 | MJ::Job::PromptAnalyzer::5 | | 5️⃣
show_details | MJ::Job::Unseen::{u} | Show Details |
"""

Page = dict[str, Button]


def button(custom_id: str, label: str = "", emoji: str = "") -> Button:
    """Make a button as a server sends it, with a job's uuid for `{u}`."""
    return Button(custom_id=custom_id.replace("{u}", JOB), label=label, emoji=emoji)


def _page(*texts: str) -> Page:
    """Read a page: buttons by canonical name, in the order they stand."""
    lines = [line for text in texts for line in text.strip().splitlines()]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    return {name: button(*cells) for name, *cells in rows}


#: Every page of P§6, by the kind of result that offers it.
PAGES: dict[str, Page] = {
    "grid": _page(GRID),
    "v4 picture": _page(V4_PICTURE),
    "v5 picture": _page(V5_UPSCALES, SINGLE),
    "v6 picture": _page(UPSCALES.replace("{v}", "v6"), SINGLE),
    "v6.1 picture": _page(UPSCALES.replace("{v}", "v6r1"), SINGLE),
    "v7 picture": _page(UPSCALES.replace("{v}", "v7"), SINGLE),
    "clips": _page(CLIPS),
    "clip": _page(CLIP),
    "describe": _page(DESCRIBE),
    "shorten": _page(SHORTEN),
}


def offered(page: str) -> list[Button]:
    """Return the buttons of one page."""
    return list(PAGES[page].values())
