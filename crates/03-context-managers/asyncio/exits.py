"""`__aexit__` runs once, whether the body returns, fails or is cancelled."""

# also compared with: releasing=5ms
# also compared with: releasing=200ms

import asyncio
import os

RELEASING = float(os.environ.get("KNOB_RELEASING", 0.02))


# ANCHOR: exits
class Session:
    def __init__(self, way: str) -> None:
        self.way = way

    async def __aenter__(self) -> "Session":
        return self

    async def ask(self) -> int:
        print(f"{self.way} asks")
        await asyncio.sleep(0.06)
        if self.way == "error":
            raise ConnectionError("the connection is lost")
        return 42

    async def __aexit__(self, *error) -> None:
        print(f"{self.way}/release starts")
        await asyncio.sleep(RELEASING)
        print(f"{self.way}/release is done")


async def job(way: str) -> int:
    async with Session(way) as session:
        return await session.ask()


async def main() -> None:
    returns = asyncio.create_task(job("return"))
    fails = asyncio.create_task(job("error"))
    cancelled = asyncio.create_task(job("cancel"))
    await asyncio.sleep(0.04)
    cancelled.cancel()
    print(f"the answer is {await returns}")
    try:
        await fails
    except ConnectionError as error:
        print(f"the error is: {error}")
# ANCHOR_END: exits


asyncio.run(main())
