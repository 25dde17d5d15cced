"""Nothing in the project names a package registry or a path of the machine that it was written on."""

import re
import subprocess
import sys
from pathlib import Path

HOSTS = (
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "(org|com)"),
    ("yarnpkg", "com"),
    ("crates", "io"),
    ("golang", "org"),
    ("docker", "io"),
    ("ghcr", "io"),
    ("quay", "io"),
    ("rubygems", "org"),
    ("anaconda", "org"),
    ("jsdelivr", "net"),
    ("unpkg", "com"),
)
"""In halves, so that this file does not contain what it looks for."""

REMEDIES = {
    re.compile("|".join(rf"\b{name}\.{end}\b" for name, end in HOSTS), re.IGNORECASE): (
        "names a package registry; leave it to the machine's own settings"
    ),
    re.compile(r"(?<![\w-])--(extra-)?(index-url|find-links|trusted-host)\b"): (
        "chooses where packages come from; leave it to the machine's own settings"
    ),
    re.compile(r"(?<![\w.*/-])/(work|root|opt/(wheels|pypi))/|(?<![\w.*/-])/(home|Users)/\w+/"): (
        "is a path of one machine; write it relative to the project"
    ),
}


def tracked(root: Path) -> list[str]:
    """The files that are in the repository, or would be after `git add`."""
    answer = subprocess.run(
        [
            "git",
            "-c",
            f"safe.directory={root}",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ],
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return sorted({name for name in answer.stdout.split("\0") if name and (root / name).is_file()})


def faults(root: Path) -> list[str]:
    """Names every forbidden string as `file:line: what; remedy`; files that are not text are left out."""
    return [
        f"{name}:{number}: {match.group()} {remedy}"
        for name in tracked(root)
        for number, line in enumerate(_lines(root / name), start=1)
        for pattern, remedy in REMEDIES.items()
        if (match := pattern.search(line))
    ]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return []


def main() -> int:
    """Prints what is wrong; 1 if anything is."""
    found = faults(Path.cwd())
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
