"""Who may do what: the one table. A cell is `yes`, the word of a refusal, or `-` where there is no such thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.hostile.people.client import NOTHING

REFUSALS: Mapping[str, str] = {
    "blocked": "A moderator has blocked you from using scene-art in this server.",
    "muted": "You can't send messages in this channel, so you can't ask for pictures here.",
    "mods": "Only moderators can do that",
    "server": "Only moderators can do that|.*(in servers|in direct messages)",
    "theirs": ".* belongs to |.*someone else's|Only moderators can do that",
    "taken": "There's already a character called |.* belongs to |.*someone else's|Only moderators can do that",
    "picture": "Only the person who asked for this picture, people whose character is in it, and moderators can",
    "idle": "There's nothing here for you to cancel.",
    "unkept": "This picture is no longer kept.",
    "unknown": "Your character in the game couldn't be found.",
    "unopened": "The bot restarted while this form was open.",
    "nothing": NOTHING,
}
"""How the sentence of a refusal begins, as a regular expression."""

# Stranger: nothing here is theirs. Player: the picture shows their character, by the game. Asker: asked for the
# picture, and made the entries in the cast book. Moderator: Manage Messages here. Elsewhere: Manage Server in another
# server. Alone: in a direct conversation with the bot, where all of that is their own.
_TABLE = """
action                                    stranger player   asker    blocked  muted    moderator elsewhere alone
/scene-art rerender                       yes      yes      yes      blocked  muted    yes       yes       yes
/scene-art draw                           yes      yes      yes      blocked  muted    yes       yes       yes
/scene-art cancel                         idle     idle     yes      blocked  muted    yes       idle      yes
/scene-art history                        yes      yes      yes      blocked  muted    yes       yes       yes
/scene-art status                         yes      yes      yes      blocked  muted    yes       yes       yes
/scene-art recap                          yes      yes      yes      blocked  muted    yes       yes       yes
/scene-art settings                       mods     mods     mods     blocked  mods     yes       mods      yes
/scene-art style: look                    yes      yes      yes      blocked  muted    yes       yes       yes
/scene-art style: choose                  mods     mods     mods     blocked  mods     yes       mods      yes
/scene-art cast add: a new name           yes      yes      yes      blocked  muted    yes       yes       yes
/scene-art cast add: a player's name      theirs   yes      theirs   blocked  muted    yes       theirs    -
/scene-art cast add: a name without entry theirs   theirs   theirs   blocked  muted    yes       theirs    -
/scene-art cast add: its look-alike       theirs   theirs   theirs   blocked  muted    yes       theirs    -
/scene-art cast add: everywhere           mods     mods     mods     blocked  muted    yes       mods      mods
/scene-art cast add: for somebody         mods     mods     mods     blocked  muted    yes       mods      mods
/scene-art cast show: everybody           yes      yes      yes      blocked  muted    yes       yes       yes
/scene-art cast show: one                 yes      yes      yes      blocked  muted    yes       yes       yes
/scene-art cast rename: an entry          theirs   theirs   yes      blocked  muted    yes       theirs    yes
/scene-art cast rename: a player's        theirs   yes      theirs   blocked  muted    yes       theirs    -
/scene-art cast rename: onto a player's   taken    -        taken    blocked  muted    -         taken     -
/scene-art cast rename: onto one without  theirs   theirs   theirs   blocked  muted    -         theirs    -
/scene-art cast rename: onto a look-alike theirs   theirs   theirs   blocked  muted    -         theirs    -
/scene-art cast remove: an entry          theirs   theirs   yes      blocked  muted    yes       theirs    yes
/scene-art cast remove: a player's        theirs   yes      theirs   blocked  muted    yes       theirs    -
/scene-art cast remove: a look            theirs   yes      theirs   blocked  muted    yes       theirs    -
/scene-art cast use: an entry             theirs   theirs   yes      blocked  muted    yes       theirs    yes
/scene-art cast use: a player's           theirs   yes      theirs   blocked  muted    yes       theirs    -
/scene-art cast hide: oneself             unknown  yes      unknown  unknown  unknown  unknown   unknown   unknown
/scene-art cast hide: a new name          yes      yes      yes      blocked  muted    yes       yes       yes
/scene-art cast hide: a player's          theirs   yes      theirs   theirs   theirs   yes       theirs    -
/scene-art cast hide: one without entry   theirs   theirs   theirs   theirs   theirs   yes       theirs    -
/scene-art cast unhide                    yes      yes      yes      yes      yes      yes       yes       yes
/scene-art place pin                      mods     mods     mods     blocked  muted    yes       mods      mods
/scene-art place unpin                    theirs   theirs   theirs   blocked  muted    yes       theirs    -
/scene-art place list                     yes      yes      yes      blocked  muted    yes       yes       -
/scene-art-mod block                      mods     mods     mods     blocked  mods     yes       mods      server
/scene-art-mod unblock                    mods     mods     mods     blocked  mods     yes       mods      server
menu Illustrate                           yes      yes      yes      blocked  muted    yes       yes       yes
menu Use as look of…                      yes      yes      yes      blocked  muted    yes       yes       yes
item rerender                             yes      yes      yes      blocked  muted    yes       yes       yes
item vary                                 yes      yes      yes      blocked  muted    yes       yes       yes
item change                               yes      yes      yes      blocked  muted    yes       yes       yes
item why                                  yes      yes      yes      blocked  muted    yes       yes       yes
item delete: asked for                    picture  yes      yes      blocked  picture  yes       picture   yes
item delete: of a turn                    picture  picture  picture  blocked  picture  yes       picture   yes
item spoiler: asked for                   picture  yes      yes      blocked  picture  yes       picture   yes
item spoiler: of a turn                   picture  picture  picture  blocked  picture  yes       picture   yes
item cancel                               idle     idle     yes      blocked  muted    yes       idle      yes
item kept                                 unkept   unkept   yes      blocked  muted    yes       unkept    yes
item page                                 yes      yes      yes      blocked  muted    yes       yes       yes
item who                                  yes      yes      yes      blocked  muted    yes       yes       yes
item cast                                 yes      yes      yes      blocked  muted    yes       yes       yes
item scope                                mods     mods     mods     blocked  mods     yes       mods      -
item setting                              mods     mods     mods     blocked  mods     yes       mods      yes
form changed                              yes      yes      yes      blocked  muted    yes       yes       yes
form look                                 yes      yes      yes      unopened unopened yes       yes       yes
form set: automatic                       mods     mods     mods     blocked  mods     yes       mods      yes
form set: fallback_seconds                mods     mods     mods     blocked  mods     yes       mods      yes
form set: cooldown_seconds                mods     mods     mods     blocked  mods     yes       mods      yes
form set: aspect                          mods     mods     mods     blocked  mods     yes       mods      yes
form set: size                            mods     mods     mods     blocked  mods     yes       mods      yes
form set: style                           mods     mods     mods     blocked  mods     yes       mods      yes
form set: house_rules                     mods     mods     mods     blocked  mods     yes       mods      server
form set: painter                         mods     mods     mods     blocked  mods     yes       mods      yes
form set: tier                            mods     mods     mods     blocked  mods     yes       mods      yes
form set: notices                         mods     mods     mods     blocked  mods     yes       mods      yes
form set: spoiler                         mods     mods     mods     blocked  mods     yes       mods      yes
form set: continuity                      mods     mods     mods     blocked  mods     yes       mods      yes
form set: roles                           mods     mods     mods     blocked  mods     yes       mods      server
form set: budget_day                      mods     mods     mods     blocked  mods     yes       mods      server
form set: log_channel                     mods     mods     mods     blocked  mods     yes       mods      server
form set: for the server                  mods     mods     mods     blocked  mods     yes       mods      -
suggest rerender scene                    yes      yes      yes      nothing  nothing  yes       yes       yes
suggest rerender aspect                   yes      yes      yes      yes      yes      yes       yes       yes
suggest rerender style                    yes      yes      yes      yes      yes      yes       yes       yes
suggest draw cast                         yes      yes      yes      nothing  nothing  yes       yes       yes
suggest draw aspect                       yes      yes      yes      yes      yes      yes       yes       yes
suggest draw style                        yes      yes      yes      yes      yes      yes       yes       yes
suggest cancel scene                      nothing  nothing  yes      nothing  nothing  yes       nothing   yes
suggest history character                 yes      yes      yes      nothing  nothing  yes       yes       yes
suggest style preset                      yes      yes      yes      yes      yes      yes       yes       yes
suggest cast add name                     yes      yes      yes      nothing  nothing  yes       yes       yes
suggest cast show name                    yes      yes      yes      nothing  nothing  yes       yes       yes
suggest cast rename name                  yes      yes      yes      nothing  nothing  yes       yes       yes
suggest cast remove name                  yes      yes      yes      nothing  nothing  yes       yes       yes
suggest cast use name                     yes      yes      yes      nothing  nothing  yes       yes       yes
suggest cast remove look                  yes      yes      yes      nothing  nothing  yes       yes       yes
suggest cast use look                     yes      yes      yes      nothing  nothing  yes       yes       yes
suggest place pin scene                   yes      yes      yes      nothing  nothing  yes       yes       yes
suggest place pin name                    yes      yes      yes      nothing  nothing  yes       yes       -
suggest place unpin name                  yes      yes      yes      nothing  nothing  yes       yes       -
"""
_NAME_WIDTH = 42


@dataclass(frozen=True)
class Cell:
    """One person and one thing to do."""

    action: str
    who: str
    word: str

    @property
    def may(self) -> bool:
        """True: they may."""
        return self.word == "yes"

    def __str__(self) -> str:
        return f"{self.who} {self.action}"


def _cells() -> Iterator[Cell]:
    head, *rows = _TABLE.strip("\n").splitlines()
    _, *people = head.split()
    for row in rows:
        words = row[_NAME_WIDTH:].split()
        yield from (
            Cell(row[:_NAME_WIDTH].strip(), who, word) for who, word in zip(people, words, strict=True) if word != "-"
        )


CELLS = tuple(_cells())
PEOPLE = tuple(dict.fromkeys(cell.who for cell in CELLS))
"""Everybody in the table's head."""
