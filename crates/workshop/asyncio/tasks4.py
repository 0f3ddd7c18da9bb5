"""Films are packed in the order in which they are developed, and a spoiled one stops no other."""

import asyncio


async def develop(film, seconds):
    print(f"{film} is in the bath")
    await asyncio.sleep(seconds)
    if film == "holiday":
        raise ValueError("light has reached the film")
    return film


async def main():
    films = [("wedding", 0.09), ("holiday", 0.03), ("school", 0.06)]
    tasks = [asyncio.create_task(develop(*film)) for film in films]
    for earliest in asyncio.as_completed(tasks):
        try:
            film = await earliest
            await asyncio.sleep(0.01)
            print(f"packs {film}")
        except ValueError as error:
            print(f"spoiled: {error}")
    print("the lab closes")


asyncio.run(main())
