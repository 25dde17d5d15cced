"""The check for forbidden strings finds each kind, and lets everything else pass."""

import subprocess
from pathlib import Path

import pytest

from tests.checks.forbidden import faults

HOST = ".".join(["pypi", "org"])
OPTION = "--" + "index-url"
HOME = "/" + "root/opsbook"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text(".env\n")
    return tmp_path


def test_forbidden_names_file_line_and_remedy(project: Path) -> None:
    (project / "notes.md").write_text(f"Fine.\nFrom https://{HOST}/simple\n{OPTION} x\nsee {HOME}\n")

    assert faults(project) == [
        f"notes.md:2: {HOST} names a package registry; leave it to the machine's own settings",
        f"notes.md:3: {OPTION} chooses where packages come from; leave it to the machine's own settings",
        "notes.md:4: " + "/" + "root/ is a path of one machine; write it relative to the project",
    ]


def test_forbidden_lets_routes_relative_paths_and_ignored_files_pass(project: Path) -> None:
    (project / "notes.md").write_text("/home shows your day; docs/works/ is relative; --no-emit-index-url is fine\n")
    (project / ".env").write_text(f"{HOME}\n")
    (project / "picture.png").write_bytes(b"\x89PNG\xff\xfe")

    assert faults(project) == []
