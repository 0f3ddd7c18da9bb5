"""Whatever runs at the same time is a task here, and goes on while the loop body works."""

# also compared with: pages=8

import asyncio
import os

PAGES = int(os.environ.get("KNOB_PAGES", 6))


# ANCHOR: stall
async def page(n: int) -> int:
    await asyncio.sleep(0.05)
    await asyncio.sleep(0.03)
    return n


async def work_through(pages: int) -> int:
    loop = asyncio.get_running_loop()
    start = loop.time()
    window = [asyncio.create_task(page(n)) for n in range(min(2, pages))]
    for n in range(pages):
        await window[n]
        if len(window) < pages:
            window.append(asyncio.create_task(page(len(window))))
        await asyncio.sleep(0.09)
    return round((loop.time() - start) * 1000)
# ANCHOR_END: stall


async def main() -> None:
    print(f"buffered: {await work_through(PAGES)} ms")
    print(f"spawned: {await work_through(PAGES)} ms")


asyncio.run(main())
