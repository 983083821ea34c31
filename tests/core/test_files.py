import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from logicsim.core.errors import BoardError, LogicsimError, OutputError
from logicsim.core.files import make_folder, replaced, streamed, write_text

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="no device here that is always full")


@pytest.fixture
def umask() -> Iterator[int]:
    mask = 0o027
    before = os.umask(mask)
    yield mask
    os.umask(before)


def fail_while_streaming(path: Path, error: BaseException) -> None:
    with streamed(path) as file:
        file.write("begun\n")
        raise error


def fail_while_replacing(path: Path, error: BaseException) -> None:
    with replaced(path) as target:
        target.write_text("half")
        raise error


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_stream_holds_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with streamed(path) as file:
        file.write("µ\n" * 100_000)
    assert path.read_bytes() == "µ\n".encode() * 100_000


def test_a_stream_is_removed_when_logicsim_refuses_something(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with pytest.raises(BoardError, match="mine"):
        fail_while_streaming(path, BoardError("mine"))
    assert list(tmp_path.iterdir()) == []


def test_a_stream_is_kept_whole_on_an_interrupt(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with pytest.raises(KeyboardInterrupt):
        fail_while_streaming(path, KeyboardInterrupt())
    assert path.read_text() == "begun\n"


def test_a_line_buffered_stream_is_on_disk_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with streamed(path, line_buffering=True) as file:
        file.write("one\n")
        assert path.read_text() == "one\n"
        file.write("two\n")
        assert path.read_text() == "one\ntwo\n"


@needs_full
@pytest.mark.parametrize("characters", [10, 1_000_000])
@pytest.mark.parametrize("line_buffering", [False, True])
def test_a_stream_to_a_full_disk_names_the_file_and_spares_the_device(
    characters: int, line_buffering: bool
) -> None:
    with (
        pytest.raises(OutputError, match=r"^/dev/full: cannot be written: .*[Ss]pace"),
        streamed(FULL, line_buffering=line_buffering) as file,
    ):
        file.write("x" * characters + "\n")
    assert stat.S_ISCHR(FULL.stat().st_mode)


def test_a_stream_to_the_null_device_leaves_it_there_after_an_error() -> None:
    null = Path(os.devnull)
    with pytest.raises(LogicsimError, match="mine"):
        fail_while_streaming(null, LogicsimError("mine"))
    assert null.exists()


def test_a_stream_to_a_directory_is_refused_and_spares_it(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught, streamed(tmp_path):
        pass
    assert str(caught.value).startswith(f"{tmp_path}: ")
    assert tmp_path.is_dir()


def test_a_stream_in_a_missing_folder_is_refused_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "no" / "a.txt"
    with pytest.raises(OutputError) as caught, streamed(path):
        pass
    assert str(caught.value).startswith(f"{path}: ")
    assert len(str(caught.value).splitlines()) == 1


def test_a_replacement_appears_only_when_it_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with replaced(path) as target:
        target.write_text("new")
        assert target.parent == tmp_path
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError(28, "No space left"), ValueError(), KeyboardInterrupt()])
@pytest.mark.parametrize("old", [None, "old"])
def test_a_replacement_that_fails_leaves_things_as_they_were(
    tmp_path: Path, error: BaseException, old: str | None
) -> None:
    path = tmp_path / "a.txt"
    if old is not None:
        path.write_text(old)
    expected = OutputError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        fail_while_replacing(path, error)
    assert [file.read_text() for file in tmp_path.iterdir()] == ([] if old is None else [old])


def test_a_replacement_that_fails_names_the_file_and_not_the_temporary_one(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with pytest.raises(OutputError) as caught, replaced(path):
        raise OSError(28, "No space left on device")
    assert str(caught.value) == f"{path}: cannot be written: No space left on device"


def test_text_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old é\n")
    assert path.read_text(encoding="utf-8") == "old é\n"

    def fail(self: Path, text: str, encoding: str, **_: str) -> int:
        self.write_bytes(text[:2].encode(encoding))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(OutputError, match="No space left"):
        write_text(path, "new\n")
    assert path.read_text(encoding="utf-8") == "old é\n"
    assert list(tmp_path.iterdir()) == [path]


@needs_full
def test_text_to_a_full_device_names_it_and_spares_it() -> None:
    with pytest.raises(OutputError, match=r"^/dev/full: cannot be written"):
        write_text(FULL, "x")
    assert stat.S_ISCHR(FULL.stat().st_mode)


def test_text_to_the_null_device_goes_there() -> None:
    write_text(Path(os.devnull), "x")
    assert not Path(os.devnull).is_file()


def test_text_to_a_directory_is_refused_and_spares_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("mine")
    with pytest.raises(OutputError) as caught:
        write_text(tmp_path, "x")
    assert str(caught.value).startswith(f"{tmp_path}: ")
    assert (tmp_path / "a.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["no/a.txt", "file/a.txt", "a" * 300])
def test_text_to_a_place_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("mine")
    path = tmp_path / name
    with pytest.raises(OutputError) as caught:
        write_text(path, "x")
    assert str(caught.value).startswith(f"{path}: ")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("name", ["no/a.txt", "file/a.txt", "a" * 300])
def test_a_stream_to_a_place_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("mine")
    path = tmp_path / name
    with pytest.raises(OutputError) as caught, streamed(path):
        pass
    assert str(caught.value).startswith(f"{path}: ")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_a_folder_without_write_permission_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "shut"
    folder.mkdir()
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):
        pytest.skip("this user may write everywhere")
    for write in (write_text, lambda path, _: make_folder(path / "x")):
        with pytest.raises(OutputError, match=r"shut.*ermission"):
            write(folder / "a.txt", "x")
    with pytest.raises(OutputError, match=r"shut.*ermission"), streamed(folder / "a.txt"):
        pass


def test_new_files_have_the_permissions_of_the_umask(tmp_path: Path, umask: int) -> None:
    write_text(tmp_path / "a.txt", "x")
    with streamed(tmp_path / "b.txt") as file:
        file.write("x")
    with replaced(tmp_path / "c.txt") as target:
        target.write_text("x")
    for name in "abc":
        assert mode(tmp_path / f"{name}.txt") == 0o666 & ~umask


def test_a_folder_is_made_with_its_parents_and_may_be_there_already(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    (tmp_path / "a" / "b" / "mine").write_text("mine")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b" / "mine").read_text() == "mine"


@pytest.mark.parametrize("name", ["file", "file/b", "a" * 300])
def test_a_folder_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError) as caught:
        make_folder(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: ")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_link_is_written_through_and_stays_a_link(tmp_path: Path) -> None:
    link, target = tmp_path / "link", tmp_path / "target"
    target.write_text("old")
    link.symlink_to(target)
    write_text(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
