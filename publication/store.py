"""Where gold lives: one small interface over a local folder or an S3 bucket, through Arrow's file systems."""

from __future__ import annotations

import os
import uuid
from pathlib import Path, PurePosixPath

from pyarrow import NativeFile, fs
from pyarrow.dataset import Dataset, dataset


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
