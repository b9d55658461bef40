"""The good bags that are mutated: one of ours, and three as others make them."""

import hashlib
import os
import pathlib
import subprocess

import bagit

from common import PROGRAM, Emulator, clean_environment

WORKSPACE, GROUP = "fabrikam-Lab_2", "rg-fabrikam-lab"
# Composed, decomposed, one with both, and names that manifests escape or that stand close to a separator.
NAMES = (
    "README.txt",
    "Report.TXT",
    "plain/a.txt",
    "plain/b",
    "deep/er/still/c.json",
    "N\u00fa\u00f1ez.txt",
    "cafe\u0301/mixed \u00e9.txt",
    "\u65e5\u672c\u8a9e.json",
    "with space/two  spaces.txt",
    "star*.txt",
    "hash#.txt",
    "empty.bin",
)


def write_payload(folder, names=NAMES):
    for at, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"" if name == "empty.bin" else f"{name} {at}\n".encode() * 5)


def listed(bag, names, algorithm):
    """The lines of a manifest of these files."""
    lines = []
    for name in sorted(names):
        lines.append(f"{hashlib.new(algorithm, (bag / name).read_bytes()).hexdigest()}  {name}\n")
    return "".join(lines)


def written_by_us(folder):
    """An export, whose names are all ASCII and many of them escaped."""
    bag = folder / "ours"
    with Emulator() as emulator:
        scope = ["--arm-endpoint", emulator.arm, "--subscription", emulator.subscription, "-g", GROUP, "-w", WORKSPACE]
        subprocess.run(
            [PROGRAM, "export", *scope, "--quiet", "-o", bag],
            env=clean_environment(emulator.home.name),
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
    return bag


def written_by_bagit(folder):
    """BagIt 0.97 with two manifests, as the reference makes it; one name is escaped in them."""
    bag = folder / "bagit"
    write_payload(bag, (*NAMES, "line\nfeed.txt"))
    bagit.make_bag(bag, {"Contact-Name": "Nu\u0144ez of Contoso"}, checksums=["sha256", "sha512"])
    return bag


def written_by_hand(folder):
    """BagIt 1.0 with two manifests and tag files of its own, and without Payload-Oxum, which would catch nearly everything."""
    bag = folder / "hand"
    write_payload(bag / "data")
    (bag / "notes").mkdir()
    (bag / "notes" / "How it was made.md").write_text("By hand.\n", encoding="utf-8")
    (bag / "bagit.txt").write_text("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", encoding="utf-8")
    about = "Source-Organization: Contoso\nExternal-Description: folded\n  over two lines\nContact-Name: Z\u00f6e\n"
    (bag / "bag-info.txt").write_text(about, encoding="utf-8")
    for algorithm in ("sha256", "sha512"):
        names = [f"data/{name}" for name in NAMES]
        (bag / f"manifest-{algorithm}.txt").write_text(listed(bag, names, algorithm), encoding="utf-8")
    tags = ["bagit.txt", "bag-info.txt", "manifest-sha256.txt", "manifest-sha512.txt", "notes/How it was made.md"]
    for algorithm in ("sha256", "sha512"):
        (bag / f"tagmanifest-{algorithm}.txt").write_text(listed(bag, tags, algorithm), encoding="utf-8")
    return bag


def written_bare(folder):
    """No more than BagIt 1.0 asks for."""
    bag = folder / "bare"
    write_payload(bag / "data")
    (bag / "bagit.txt").write_text("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", encoding="utf-8")
    names = [f"data/{name}" for name in NAMES]
    (bag / "manifest-sha256.txt").write_text(listed(bag, names, "sha256"), encoding="utf-8")
    return bag


def make(folder):
    """All of them, below a folder, by their names."""
    os.makedirs(folder)
    folder = pathlib.Path(folder)
    makers = (written_by_us, written_by_bagit, written_by_hand, written_bare)
    return {bag.name: bag for bag in (maker(folder) for maker in makers)}
