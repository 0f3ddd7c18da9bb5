"""A cancelled task may still save its work: its handler can await."""

# also compared with: after=30ms
# also compared with: after=100ms

import asyncio
import os

AFTER = float(os.environ.get("KNOB_AFTER", 0.2))


# ANCHOR: cooperative
async def main() -> None:
    cooperative = asyncio.create_task(run_until_asked())
    aborted = asyncio.create_task(run_forever())
    await asyncio.sleep(AFTER)
    cooperative.cancel()
    aborted.cancel()

    print(f"cooperative task: rounds saved: {await cooperative}")
    await asyncio.wait([aborted])
    print(f"aborted task: is_cancelled() returns {str(aborted.cancelled()).lower()}")


async def run_until_asked() -> int:
    rounds = 0
    try:
        while True:
            await one_round("cooperative task")
            rounds += 1
    except asyncio.CancelledError:
        print("cooperative task receives the stop request")
        await asyncio.sleep(0.08)
        print("cooperative task has saved its work")
        # Returning swallows the cancellation. That is right after a stop request, and wrong
        # inside a `timeout`.
        return rounds


async def run_forever() -> None:
    try:
        while True:
            await one_round("aborted task")
    finally:
        print("aborted task is dropped without saving")


async def one_round(name: str) -> None:
    print(f"{name} starts a round")
    await asyncio.sleep(0.06)
# ANCHOR_END: cooperative


asyncio.run(main())
