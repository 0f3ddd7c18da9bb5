"""A test that sleeps for a fixed time depends on the machine; one that waits for an event does not."""

# also compared with: pause=20ms
# also compared with: pause=100ms

import asyncio
import os

PAUSE = float(os.environ.get("KNOB_PAUSE", 0.05))


# ANCHOR: flaky
async def sleeping_test(startup: float, pause: float) -> bool:
    up = start_server(startup)
    await asyncio.sleep(pause)
    return up.is_set()


async def waiting_test(startup: float) -> bool:
    up = start_server(startup)
    try:
        return await asyncio.wait_for(up.wait(), 60)
    except TimeoutError:
        return False
# ANCHOR_END: flaky


def start_server(startup: float) -> asyncio.Event:
    up = asyncio.Event()
    asyncio.get_running_loop().call_later(startup, up.set)
    return up


async def main() -> None:
    for startup in [10, 30, 80]:
        tests = [
            await sleeping_test(startup / 1000, PAUSE),
            await waiting_test(startup / 1000),
        ]
        sleeping, waiting = ["green" if passed else "red" for passed in tests]
        print(f"startup of {startup} ms: sleeping test is {sleeping}, waiting test is {waiting}")


asyncio.run(main())
