"""A studio is cleaned after each band, also after a band that is out of time."""

import asyncio


class Studio:
    async def __aenter__(self):
        print("the studio is open")

    async def __aexit__(self, *exc):
        await asyncio.sleep(0.03)
        print("the studio is clean")


async def record(band, seconds):
    async with Studio():
        print(f"the {band} plays")
        await asyncio.sleep(seconds)
        print(f"the {band} has a record")


async def main():
    for band, seconds in [("trio", 0.06), ("orchestra", 0.2), ("choir", 0.05)]:
        try:
            async with asyncio.timeout(0.1):
                await record(band, seconds)
        except TimeoutError:
            print(f"the {band} is out of time")


asyncio.run(main())
