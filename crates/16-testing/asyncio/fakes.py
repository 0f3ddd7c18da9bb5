"""A mock replaces the real source, and records its calls."""

import asyncio
from collections.abc import Awaitable, Callable
from unittest.mock import AsyncMock


# ANCHOR: fakes
class Offline(Exception):
    pass


Fetch = Callable[[str], Awaitable[str]]


async def report(fetch: Fetch, key: str) -> str:
    return f"processed_{await fetch(key)}"
# ANCHOR_END: fakes


# ANCHOR: mock
async def fetch_slowly(fetch: AsyncMock, key: str) -> str:
    await asyncio.sleep(0.02)
    return await fetch(key)


async def main() -> None:
    fetch = AsyncMock(side_effect=["mocked_data", Offline("the source is offline")])
    for key in ["sales", "stock"]:
        try:
            text = await report(lambda key: fetch_slowly(fetch, key), key)
            print(f"the report is {text}")
        except Offline as error:
            print(f"no report: {error}")
    calls = [call.args[0] for call in fetch.await_args_list]
    print(f"the fake was called with {' and '.join(calls)}")

    # A mock accepts any return value: awaiting this mock returns the `Future` itself.
    answer = asyncio.Future()
    answer.set_result("mocked_data")
    fetch = AsyncMock(return_value=answer)
    print(await report(fetch, "sales"))
# ANCHOR_END: mock


asyncio.run(main())
