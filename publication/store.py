"""Where gold lives: one small interface over a local folder or an S3 bucket, through Arrow's file systems."""

from __future__ import annotations

import fcntl
import hashlib
import os
import uuid
from pathlib import Path, PurePosixPath

from pyarrow import NativeFile, fs
from pyarrow.dataset import Dataset, dataset

from publication.s3 import ObjectChangedError, S3Access


class GoldStore:
    """Files under the gold root, addressed by paths relative to it.

    Args:
        root: Absolute local folder, or ``s3://bucket/prefix`` (credentials as Arrow's S3FileSystem finds them).
    """

    def __init__(self, root: str) -> None:
        self.root = root
        if "://" in root:
            self._files, base = fs.FileSystem.from_uri(root)
        else:
            self._files, base = fs.LocalFileSystem(), str(Path(root).absolute())
        self._base = PurePosixPath(base)
        self._is_local = isinstance(self._files, fs.LocalFileSystem)

    def _path(self, relative: str) -> str:
        return str(self._base / relative) if relative else str(self._base)

    def read(self, relative: str) -> bytes | None:
        """Bytes of a file, or None where there is none."""
        if self._files.get_file_info(self._path(relative)).type != fs.FileType.File:
            return None
        with self._files.open_input_stream(self._path(relative)) as stream:
            content: bytes = stream.read()
        return content

    def read_tagged(self, relative: str) -> tuple[bytes | None, str | None]:
        """Bytes of a small file with the tag that `replace` compares; both None where there is no file."""
        if self._is_local:
            content = self.read(relative)
            return content, None if content is None else _tag(content)
        found = S3Access.from_environment(os.environ).get(self._path(relative))
        return (None, None) if found is None else found

    def replace(self, relative: str, content: bytes, tag: str | None) -> None:
        """Write a small file only if it is still what `read_tagged` gave the tag of.

        Raises:
            ObjectChangedError: Somebody else wrote it since.
        """
        if not self._is_local:
            S3Access.from_environment(os.environ).put(self._path(relative), content, tag=tag)
            return
        Path(self._path("")).mkdir(parents=True, exist_ok=True)
        with Path(self._path(".lock")).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # closing the file gives it back
            if self.read_tagged(relative)[1] != tag:
                raise ObjectChangedError(self._path(relative))
            self.write(relative, content)

    def write(self, relative: str, content: bytes) -> None:
        """Write a small file so that a reader sees either the old content or the new one, never a part."""
        target = self._path(relative)
        if not self._is_local:
            with self._files.open_output_stream(target) as stream:
                stream.write(content)
            return
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(f"{target}.{uuid.uuid4().hex}.tmp")
        try:
            with temporary.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    def upload(self, source: Path, relative: str) -> int:
        """Copy a local file to the store; returns the size that arrived, in bytes."""
        target = self._path(relative)
        if self._is_local:
            Path(target).parent.mkdir(parents=True, exist_ok=True)
        fs.copy_files(str(source), target, source_filesystem=fs.LocalFileSystem(), destination_filesystem=self._files)
        return int(self._files.get_file_info(target).size)

    def download(self, relative: str, target: Path) -> None:
        """Copy a file of the store to a local path, whole or not at all."""
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f"{target.name}.{uuid.uuid4().hex}.tmp")
        try:
            fs.copy_files(
                self._path(relative),
                str(draft),
                source_filesystem=self._files,
                destination_filesystem=fs.LocalFileSystem(),
            )
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)

    @property
    def is_local(self) -> bool:
        """Whether the files are on this machine's disk."""
        return self._is_local

    def open(self, relative: str) -> NativeFile:
        """A readable stream over a file."""
        return self._files.open_input_stream(self._path(relative))

    def dataset(self, relative: str) -> Dataset:
        """A Parquet file of which readers take only the columns and rows that they need."""
        return dataset(self._path(relative), filesystem=self._files, format="parquet")

    def folders(self, relative: str = "") -> list[str]:
        """Names of the folders directly under the root or a folder in it, sorted."""
        selector = fs.FileSelector(self._path(relative), allow_not_found=True)
        return sorted(
            PurePosixPath(info.path).name
            for info in self._files.get_file_info(selector)
            if info.type == fs.FileType.Directory
        )

    def delete(self, relative: str) -> None:
        """Remove a file; one that is gone already is passed over."""
        if self._files.get_file_info(self._path(relative)).type == fs.FileType.File:
            self._files.delete_file(self._path(relative))

    def delete_folder(self, relative: str) -> None:
        """Remove a folder with everything in it."""
        self._files.delete_dir(self._path(relative))


def _tag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
