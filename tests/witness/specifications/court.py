"""An emulator, its judges, and the two doors between which they stand."""

import contextlib
import urllib.parse

from common import Emulator
from front import Back, Front, Listener
from prism import Prisms
from templates import Templates
from verdict import Book


class Court:
    """`emulator` is what a client talks to, `book` what was judged, `of` what is under way; `watching` is whether anything is."""

    def __init__(self, files, exceptions, *world, of="an export or a tour"):
        self.files, self.world = files, world
        self.book = Book(exceptions, of)
        self.watching = True

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            front, self.back = Listener(Front), Listener(Back)
            stack.callback(front.shutdown)
            stack.callback(self.back.shutdown)
            front.court, self.back.kept, self.back.shown = self, {}, {}
            self.templates = Templates(self.files)
            self.emulator = stack.enter_context(Emulator("--origin", front.origin, *self.world))
            self.emulator_port = self.back.emulator = urllib.parse.urlsplit(self.emulator.listens).port
            self.ports = stack.enter_context(Prisms(self.files, self.back.origin))
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()
