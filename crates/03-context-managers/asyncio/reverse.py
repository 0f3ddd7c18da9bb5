"""Nested `async with` blocks release from the inside out, one after the other."""

# also compared with: cancel-after=60ms
# also compared with: cancel-after=99ms

import asyncio
import os

CANCEL_AFTER = float(os.environ.get("KNOB_CANCEL_AFTER", 0.03))


# ANCHOR: reverse
class Layer:
    def __init__(self, name: str) -> None:
        self.name = name

    async def __aenter__(self) -> "Layer":
        return self

    async def __aexit__(self, *error) -> None:
        print(f"{self.name} closes")
        await asyncio.sleep(0.02)
        print(f"{self.name} is closed")


async def read() -> None:
    async with Layer("connection"), Layer("transaction"), Layer("cursor"):
        await asyncio.sleep(0.1)


async def main() -> None:
    reader = asyncio.create_task(read())
    await asyncio.sleep(CANCEL_AFTER)
    reader.cancel()
    await asyncio.wait([reader])
    print("everything is released")
# ANCHOR_END: reverse


asyncio.run(main())
