"""Opening TCP ports and closing them again: who accepts or refuses is there, also where no ARP reaches."""

import asyncio
from collections.abc import Sequence


def knock(addresses: Sequence[str], ports: Sequence[int], *, seconds: float, parallel: int) -> set[str]:
    """The addresses of which one port at least was accepted or refused. Nothing is sent and nothing read."""
    return asyncio.run(_knocked(addresses, ports, seconds, parallel))


async def _knocked(addresses: Sequence[str], ports: Sequence[int], seconds: float, parallel: int) -> set[str]:
    found: set[str] = set()
    doors = iter([(address, port) for port in ports for address in addresses])

    async def worker() -> None:
        for address, port in doors:  # shared: each door is knocked at once
            if address not in found and await _is_there(address, port, seconds):
                found.add(address)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(parallel, len(addresses) * len(ports))):
            group.create_task(worker())
    return found


async def _is_there(address: str, port: int, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(address, port)
    except ConnectionRefusedError:
        return True
    except (OSError, TimeoutError):
        return False
    writer.transport.abort()  # without waiting for the other side, which may be slow to say goodbye
    return True
