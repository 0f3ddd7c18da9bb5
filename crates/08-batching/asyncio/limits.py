"""Every item has a result: a value, or the reason why there is none."""

# also compared with: at-once=1 each=25ms total=95ms
# also compared with: at-once=12 total=25ms

import asyncio
import os
from dataclasses import dataclass

ITEMS = (
    "quick wrong busy hangs quick hangs hangs quick hangs hangs hangs quick".split()
)
AT_ONCE = int(os.environ.get("KNOB_AT_ONCE", 3))
EACH = float(os.environ.get("KNOB_EACH", 0.03))
TOTAL = float(os.environ.get("KNOB_TOTAL", 0.065))


async def request(item: str) -> int:
    match item:
        case "quick":
            await asyncio.sleep(0.01)
        case "wrong":
            raise ValueError("not a number")
        case "busy":
            await asyncio.sleep(0.02)
            raise TimeoutError("the service's database timed out")
        case "hangs":
            await asyncio.sleep(10)
    return 42


# ANCHOR: limits
@dataclass
class Failed:
    why: str

    def __str__(self) -> str:
        return self.why


async def process_one(item: str, deadline: float) -> int | Failed:
    loop = asyncio.get_running_loop()
    if loop.time() >= deadline:
        return Failed("never started")
    total = asyncio.timeout_at(deadline)
    each = asyncio.timeout(EACH)
    try:
        async with total, each:
            return await request(item)
    except Exception as error:
        if total.expired():
            return Failed("stopped by the deadline")
        if each.expired():
            return Failed("no answer before the timeout")
        return Failed(f"failed: {error}")


async def process(items: list[str]) -> list[int | Failed]:
    deadline = asyncio.get_running_loop().time() + TOTAL
    window = asyncio.Semaphore(AT_ONCE)

    async def job(n: int, item: str) -> int | Failed:
        async with window:
            result = await process_one(item, deadline)
            print(f"item-{n} {result}")
            return result

    return await asyncio.gather(*(job(n, item) for n, item in enumerate(items)))
# ANCHOR_END: limits


async def main() -> None:
    results = await process(ITEMS)
    done = sum(not isinstance(result, Failed) for result in results)
    print(f"{done} of {len(results)} items are done")


asyncio.run(main())
