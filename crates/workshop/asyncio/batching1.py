"""Five photos are resized, two at a time: the next one starts as soon as any one ends."""

import asyncio

PHOTOS = {"cat": 0.09, "dog": 0.02, "owl": 0.03, "fox": 0.05, "bee": 0.02}


async def resize(photo, window):
    async with window:
        print(f"{photo} is being resized")
        await asyncio.sleep(PHOTOS[photo])
        print(f"{photo} is small")
        return photo


async def main():
    window = asyncio.Semaphore(2)
    album = await asyncio.gather(*(resize(photo, window) for photo in PHOTOS))
    print(f"album: {', '.join(album)}")


asyncio.run(main())
