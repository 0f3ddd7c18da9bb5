"""`__aexit__` runs once, whether the body returns, fails or is cancelled."""

# also compared with: releasing=5ms
# also compared with: releasing=200ms

import asyncio
import os

RELEASING = float(os.environ.get("KNOB_RELEASING", 0.02))


# ANCHOR: exits
class Session:
    def __init__(self, job: str) -> None:
        self.job = job

    async def __aenter__(self) -> "Session":
        return self

    async def ask(self) -> int:
        print(f"{self.job} asks the server")
        await asyncio.sleep(0.06)
        if self.job == "failing job":
            raise ConnectionError("the connection is lost")
        return 42

    async def __aexit__(self, *error) -> None:
        print(f"{self.job}/release starts")
        await asyncio.sleep(RELEASING)
        print(f"{self.job}/release is done")


async def job(name: str) -> int:
    async with Session(name) as session:
        return await session.ask()


async def main() -> None:
    returning = asyncio.create_task(job("returning job"))
    failing = asyncio.create_task(job("failing job"))
    cancelled = asyncio.create_task(job("cancelled job"))
    await asyncio.sleep(0.04)
    cancelled.cancel()
    print(f"the answer is {await returning}")
    try:
        await failing
    except ConnectionError as error:
        print(f"the error is: {error}")
# ANCHOR_END: exits


asyncio.run(main())
