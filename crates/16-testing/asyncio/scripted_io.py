"""A protocol is tested against a stream that the test feeds by hand."""

import asyncio
from unittest.mock import Mock


# ANCHOR: scripted_io
async def request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, command: str
) -> str:
    writer.write(f"{command}\n".encode())
    await writer.drain()
    response = await reader.readline()
    if not response.endswith(b"\n"):
        raise EOFError("incomplete response")
    return response.decode().rstrip("\n")
# ANCHOR_END: scripted_io


# ANCHOR: scripts
def one_piece(reader: asyncio.StreamReader) -> None:
    reader.feed_data(b"PONG\n")


def two_pieces(reader: asyncio.StreamReader) -> None:
    reader.feed_data(b"PO")
    asyncio.get_running_loop().call_later(0.02, reader.feed_data, b"NG\n")


def half_a_line(reader: asyncio.StreamReader) -> None:
    reader.feed_data(b"PO")
    reader.feed_eof()


def reset(reader: asyncio.StreamReader) -> None:
    reader.set_exception(ConnectionResetError("connection reset"))


async def main() -> None:
    for script in [one_piece, two_pieces, half_a_line, reset]:
        name = script.__name__.replace("_", " ")
        reader = asyncio.StreamReader(limit=1024)
        writer = Mock(spec=asyncio.StreamWriter)
        script(reader)
        try:
            print(f"{name}: {await request(reader, writer, 'PING')}")
        except (EOFError, OSError) as error:
            print(f"{name}: {error}")
        writer.write.assert_called_once_with(b"PING\n")
# ANCHOR_END: scripts


asyncio.run(main())
