"""
Of four large pictures keep the brightest, and go on with that one alone.

    python docs/examples/best_of_four.py
"""

import asyncio
import io

from PIL import Image, ImageStat

import mjflow
from mjflow.testing import Simulator

FLOW = mjflow.Flow(
    name="best-of-four",
    matrix={"season": ["spring", "winter"]},
    steps=[
        {"imagine": "a birch forest in {season}"},
        {"click": ["U1", "U2", "U3", "U4"]},
        {"choose": {"scorer": "brightness", "best": 1}},
        {"click": "Upscale (Subtle)"},
        {"download": "{season}-{id}"},
    ],
)


def brightness(candidate):
    """Score a candidate by the mean of its pixels."""
    with Image.open(io.BytesIO(candidate.picture)) as picture:
        return ImageStat.Stat(picture.convert("L")).mean[0]


async def main() -> None:
    """Run the flow on a simulator of its own."""
    async with (
        Simulator(speed=40) as server,
        mjflow.Client(server.base_url, "any", speed=server.speed) as client,
    ):
        run = client.run(FLOW, out="best", scorers={"brightness": brightness})
        async for item in run:
            for file in item.files:
                print(item.values["season"], file.path)


if __name__ == "__main__":
    asyncio.run(main())
