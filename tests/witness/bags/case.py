"""One bag under mutation: a copy of a good bag by hard links, in which a file that is touched becomes a file of its own."""

import hashlib
import os
import re
import shutil
import unicodedata


class Unfit(Exception):
    """This bag has nothing that this mutation could change."""


class Case:
    def __init__(self, base, bag, rng):
        # Links cost no disk. Nothing below may write through one: `write` puts a new file in place of the old one.
        os.makedirs(os.path.dirname(bag), exist_ok=True)
        shutil.copytree(base, bag, copy_function=os.link, symlinks=True)
        self.bag, self.rng = bag, rng

    def tree(self):
        """What tells whether anything changed: every name, and which file it is."""
        found = {}
        for folder, folders, files in os.walk(self.bag):
            for name in (*folders, *files):
                path = os.path.join(folder, name)
                facts = os.lstat(path)
                found[path] = 0 if os.path.isdir(path) and not os.path.islink(path) else facts.st_ino
        return found

    def files(self, wanted):
        found = []
        for folder, _, names in os.walk(self.bag):
            found += [os.path.relpath(os.path.join(folder, name), self.bag) for name in names]
        found = sorted(name for name in found if wanted(name))
        if not found:
            raise Unfit
        return found

    def payload(self):
        return self.files(lambda name: name.startswith("data/"))

    def manifests(self):
        return self.files(lambda name: re.fullmatch(r"manifest-\w+\.txt", name))

    def tag_manifests(self):
        return self.files(lambda name: re.fullmatch(r"tagmanifest-\w+\.txt", name))

    def tags(self):
        """The tag files that are no manifests."""
        return self.files(lambda name: not name.startswith(("data/", "manifest-", "tagmanifest-")))

    def one(self, choices):
        choices = list(choices)
        if not choices:
            raise Unfit
        return self.rng.choice(choices)

    def read(self, name):
        try:
            return (self.bag / name).read_bytes()
        except FileNotFoundError as error:
            raise Unfit from error

    def text(self, name):
        return self.read(name).decode()

    def write(self, name, content):
        content = content if isinstance(content, bytes) else content.encode()
        path = self.bag / name
        if os.path.lexists(path):
            if path.read_bytes() == content:
                raise Unfit
            path.unlink()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def remove(self, name):
        if not os.path.lexists(self.bag / name):
            raise Unfit
        (self.bag / name).unlink()

    def rename(self, old, new):
        if old == new or os.path.lexists(self.bag / new):
            raise Unfit
        (self.bag / new).parent.mkdir(parents=True, exist_ok=True)
        (self.bag / old).rename(self.bag / new)

    def lines(self, manifest):
        """Digest and path of each line."""
        return [line.split(None, 1) for line in self.text(manifest).splitlines()]

    def put_lines(self, manifest, lines):
        self.write(manifest, "".join(f"{digest}  {path}\n" for digest, path in lines))

    def change_line(self, manifest, change, wanted=lambda path: True):
        """Changes one line of those whose path is wanted. Gives the path."""
        lines = self.lines(manifest)
        at = self.one(at for at, (_, path) in enumerate(lines) if wanted(path))
        path = lines[at][1]
        lines[at] = change(*lines[at])
        self.put_lines(manifest, lines)
        return path

    def change_entry(self, old, new, manifests=None):
        """Writes another path in place of one, in all payload manifests or in these."""
        for manifest in manifests or self.manifests():
            lines = self.lines(manifest)
            self.put_lines(manifest, [(digest, new if path == old else path) for digest, path in lines])

    def seal(self):
        """Brings the tag manifests up to date, as one who knows BagIt would, so that they alone do not give a change away."""
        for manifest in self.tag_manifests():
            algorithm = manifest.removeprefix("tagmanifest-").removesuffix(".txt")
            lines = []
            for digest, path in self.lines(manifest):
                if (self.bag / path).is_file():
                    digest = hashlib.new(algorithm, self.read(path)).hexdigest()
                    lines.append((digest, path))
            if lines != [tuple(line) for line in self.lines(manifest)]:
                self.put_lines(manifest, lines)


def other_form(name):
    """A name in the other Unicode form."""
    composed, decomposed = (unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
    if composed == decomposed:
        raise Unfit
    return decomposed if name == composed else composed


def other_case(name):
    """The last segment of a name with its letters in the other case."""
    folder, _, last = name.rpartition("/")
    if last.swapcase() == last:
        raise Unfit
    return f"{folder}/{last.swapcase()}" if folder else last.swapcase()
