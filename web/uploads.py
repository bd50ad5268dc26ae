"""Files that the staff upload: the field, and tables (XLSX or CSV) as plain rows."""

from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from web.fields import Component, DrawnField


class UploadField(DrawnField):
    """A file; its data is what was sent, None when nothing was. The form needs `enctype="multipart/form-data"`.

    accept   what the picker offers, as HTML writes it
    """

    widget = Component("field")
    type_ = "file"
    sent = None

    def __init__(self, *args: Any, accept: str, **kwargs: Any) -> None:
        """Take what a field takes, and the above."""
        super().__init__(*args, **kwargs)
        self.attrs = {"accept": accept, **self.attrs}

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Look among the files of the request; what was chosen before is never shown again."""
        super().process(None, None, extra_filters)
        sent: FileStorage | None = request.files.get(self.name) if request.method == "POST" else None
        self.data = sent if sent is not None and sent.filename else None

    def read(self, most: int) -> bytes | None:
        """The bytes of the file; None when they are more than `most`."""
        raw = self.data.stream.read(most + 1) if self.data is not None else b""
        return raw if len(raw) <= most else None
