"""The first of several tasks wins; the losers have to be cancelled, and awaited."""

# also compared with: bern=50ms
# also compared with: bern=70ms lima=70ms
# also compared with: lima=400ms

import asyncio
import os

BERN = float(os.environ.get("KNOB_BERN", 0.2))
LIMA = float(os.environ.get("KNOB_LIMA", 0.1))


# ANCHOR: fastest
async def fastest() -> str:
    mirrors = {"bern": BERN, "lima": LIMA, "oslo": 1.0}
    tasks = [asyncio.create_task(call(name, delay)) for name, delay in mirrors.items()]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    # `done` is a set and may contain two tasks: the order of the list decides.
    return next(task.result() for task in tasks if task in done)


async def call(mirror: str, delay: float) -> str:
    try:
        await asyncio.sleep(delay)
        return mirror
    finally:
        print(f"{mirror} hangs up")
# ANCHOR_END: fastest


async def main() -> None:
    print(f"{await fastest()} answered first")


asyncio.run(main())
