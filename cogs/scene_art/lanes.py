"""Fair turns: a server with many requests delays only itself, and a person with many only themselves."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from .errors import CannotDoError
from .i18n import gettext

YOURS_WAIT = gettext("Your earlier request is still being worked on. Wait until it's done, then try again.")
SERVER_WAITS = gettext("This server has too many requests like this one right now. Try again in a minute.")

Seat = tuple[str, str]
"""A server's id, and a person's."""


@dataclass(frozen=True)
class Bounds:
    """The bounds of a `FairSemaphore`: turns at once, and requests inside, which have a turn or wait for one."""

    at_once: int
    at_once_of_server: int
    inside_of_server: int
    at_once_of_person: int = 1_000_000
    inside_of_person: int = 1_000_000


class LaneFullError(CannotDoError):
    """Too many requests of the same person or server are inside already; this one was not let in."""


class Ticket:
    """A request for a turn, in one or several lanes. It is served once."""

    def __init__(self) -> None:
        self.served: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Resolves when its turn has come, to the server that it counts for."""
        self.seats: list[Seat] = []
        """Where it is inside: one alone, once it is served."""


class FairSemaphore:
    """Hands out turns within `bounds`. Belongs to one event loop.

    The server with the fewest turns is served first, and within it the person with the fewest; of equal ones, the one
    that was served longest ago.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._turns = 0
        self._taken: Counter[str] = Counter()
        self._inside: Counter[str] = Counter()
        self._waiting: OrderedDict[str, OrderedDict[str, dict[Ticket, None]]] = OrderedDict()

    def ask(self, server: str, person: str = "") -> Ticket:
        """Take a place at the end of the person's lane. Give it back with `end`, served or not.

        Without a `person`, the whole server has one lane.

        Raises:
            LaneFullError: too many are inside; nothing is to be given back.
        """
        seat = _seat(server, person)
        if (refusal := self._refusal(seat)) is not None:
            raise refusal
        ticket = Ticket()
        self._enter(ticket, seat)
        return ticket

    @asynccontextmanager
    async def turn(self, server: str, person: str = "") -> AsyncIterator[None]:
        """Wait for a turn, and hold it within the `with` block. Raises as `ask`."""
        ticket = self.ask(server, person)
        try:
            await ticket.served
            yield
        finally:
            self.end(ticket)

    def join(self, ticket: Ticket, server: str) -> None:
        """Let `ticket` wait in the lane of `server` as well, if there is room. Does nothing when it was served."""
        seat = _seat(server)
        if not ticket.served.done() and seat not in ticket.seats and self._refusal(seat) is None:
            self._enter(ticket, seat)

    def end(self, ticket: Ticket) -> None:
        """End a turn, or give up waiting for it. Call it once."""
        if ticket.served.cancel() or ticket.served.cancelled():
            self._leave_lanes(ticket)
        else:
            self._turns -= 1
            self._taken -= _counted(*ticket.seats)
        self._inside -= _counted(*ticket.seats)
        self._serve()

    def _refusal(self, seat: Seat) -> LaneFullError | None:
        server, person = _keys(seat)
        if self._inside[person] >= self._bounds.inside_of_person:
            return LaneFullError(YOURS_WAIT)
        return LaneFullError(SERVER_WAITS) if self._inside[server] >= self._bounds.inside_of_server else None

    def _enter(self, ticket: Ticket, seat: Seat) -> None:
        server, person = seat
        ticket.seats.append(seat)
        self._inside += _counted(seat)
        self._waiting.setdefault(server, OrderedDict()).setdefault(person, {})[ticket] = None
        self._serve()

    def _leave_lanes(self, ticket: Ticket) -> None:
        for server, person in ticket.seats:
            people = self._waiting[server]
            del people[person][ticket]
            if not people[person]:
                del people[person]
            if not people:
                del self._waiting[server]

    def _serve(self) -> None:
        while self._turns < self._bounds.at_once and (found := self._next()) is not None:
            ticket, seat = found
            self._leave_lanes(ticket)
            self._inside -= _counted(*(other for other in ticket.seats if other != seat))
            ticket.seats = [seat]
            self._turns += 1
            self._taken += _counted(seat)
            ticket.served.set_result(seat[0])

    def _next(self) -> tuple[Ticket, Seat] | None:
        """Find who is served next, and let all others go before their server and them the next time."""
        for server in sorted(self._waiting, key=lambda one: self._taken[_server(one)]):
            if self._taken[_server(server)] >= self._bounds.at_once_of_server:
                break
            people = self._waiting[server]
            for person in sorted(people, key=lambda one: self._taken[_person(one)]):
                if self._taken[_person(person)] >= self._bounds.at_once_of_person:
                    break
                # Whoever was cancelled is about to give the place back.
                if ticket := next((one for one in people[person] if not one.served.done()), None):
                    self._waiting.move_to_end(server)
                    people.move_to_end(person)
                    return ticket, (server, person)
        return None


def _seat(server: str, person: str = "") -> Seat:
    return server, person or f"of {server}"


def _server(server: str) -> str:
    return f"server {server}"


def _person(person: str) -> str:
    return f"person {person}"


def _keys(seat: Seat) -> tuple[str, str]:
    return _server(seat[0]), _person(seat[1])


def _counted(*seats: Seat) -> Counter[str]:
    return Counter(key for seat in seats for key in _keys(seat))
