"""A cancelled task may still save its work: its handler can await."""

# also compared with: after=30ms
# also compared with: after=100ms

import asyncio
import os

AFTER = float(os.environ.get("KNOB_AFTER", 0.2))


# ANCHOR: cooperative
async def main() -> None:
    told = asyncio.create_task(run_told())
    aborted = asyncio.create_task(run_aborted())
    await asyncio.sleep(AFTER)
    told.cancel()
    aborted.cancel()

    print(f"told: {await told} rounds are saved")
    await asyncio.wait([aborted])
    print(f"aborted: cancelled is {str(aborted.cancelled()).lower()}")


async def run_told() -> int:
    rounds = 0
    try:
        while True:
            await one_round("told")
            rounds += 1
    except asyncio.CancelledError:
        print("told was told to stop")
        await asyncio.sleep(0.08)
        print("told saved its work")
        # To return swallows the cancel: right for whoever asked, wrong under a `timeout`.
        return rounds


async def run_aborted() -> None:
    try:
        while True:
            await one_round("aborted")
    finally:
        print("aborted leaves without saving")


async def one_round(name: str) -> None:
    print(f"{name} running")
    await asyncio.sleep(0.06)
# ANCHOR_END: cooperative


asyncio.run(main())
