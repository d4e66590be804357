"""A workload of pictures in; the files that somebody uploads, photographs or takes from the gallery, out."""

from base64 import b64encode
from collections.abc import Sequence

import streamlit as st

from headrace import catalogue
from headrace.errors import BadData
from services.studio.reading import gallery, previews
from services.studio.reading.gallery import Picture

UPLOAD, CAMERA, GALLERY = "Upload", "Camera", "Gallery"
MOST_AT_ONCE = 50

_ENDINGS = ["png", "jpg", "jpeg", "tif", "tiff", "webp", "bmp", "gif"]
_THUMB = 112
"""Pixels: of these three lie side by side on a phone."""

_ICONS = {UPLOAD: ":material/upload:", CAMERA: ":material/photo_camera:", GALLERY: ":material/photo_library:"}


def chosen(workload: str, what: str, camera: bool = False, verb: str = "Ask") -> Sequence[Picture]:
    """What is to be sent now: nothing until a button is pressed."""
    ways = [UPLOAD, *([CAMERA] if camera else []), GALLERY]
    way = st.segmented_control(
        f"Where the {what} comes from",
        ways,
        default=UPLOAD,
        required=True,
        format_func=lambda each: f"{_ICONS[each]} {each}",
        key=f"pictures.{workload}.way",
    )
    if way == CAMERA:
        return _photographed(workload)
    return _gallery(workload, what) if way == GALLERY else _uploaded(workload, what, verb)


def as_url(data: bytes) -> str:
    """A preview as an address that an image may have."""
    return f"data:image/webp;base64,{b64encode(data).decode()}" if data else ""


def _uploaded(workload: str, what: str, verb: str) -> Sequence[Picture]:
    with st.form(f"pictures.{workload}.upload", border=False):
        files = st.file_uploader(
            f"One {what} or several",
            type=_ENDINGS,
            accept_multiple_files=True,
            max_upload_size=max(1, int(catalogue.describe(workload).serving.max_body_mib)),
            key=f"pictures.{workload}.files",
        )
        pressed = st.form_submit_button(verb, type="primary", icon=":material/bolt:")
    if not pressed:
        return ()
    if not files:
        st.warning("Choose a file first.", icon=":material/upload_file:")
    if len(files) > MOST_AT_ONCE:
        st.warning(
            f"The first {MOST_AT_ONCE} of {len(files)} are sent; `headrace score {workload} FOLDER` takes any number.",
            icon=":material/filter_list:",
        )
    return [Picture(file.name, file.getvalue()) for file in files[:MOST_AT_ONCE]]


def _photographed(workload: str) -> Sequence[Picture]:
    taken = st.camera_input("Take a photo", key=f"pictures.{workload}.camera")
    if taken is None:
        return ()
    done = f"pictures.{workload}.taken"
    if st.session_state.get(done) == taken.file_id:
        return ()
    st.session_state[done] = taken.file_id
    return [Picture("camera.jpg", taken.getvalue())]


def _gallery(workload: str, what: str) -> Sequence[Picture]:
    """Thumbnails, each with a button that sends it."""
    found = _made(workload)
    if not found:
        st.info(f"{workload} has no generator that runs here; upload a {what}.", icon=":material/hide_image:")
        return ()
    sent: list[Picture] = []
    with st.container(horizontal=True):
        for picture, thumb in found:
            with st.container(width=_THUMB, gap="small"):
                st.image(thumb, width="stretch")
                if st.button(_title(picture.name), key=f"pictures.{workload}.{picture.name}", width="stretch"):
                    sent.append(picture)
    return sent


@st.cache_resource(show_spinner="Drawing the gallery…")
def _made(workload: str) -> tuple[tuple[Picture, bytes], ...]:
    shown = []
    for picture in gallery.pictures(workload):
        try:
            shown.append((picture, previews.thumbnail(picture.data, 2 * _THUMB)))
        except BadData:  # generators make broken files too
            continue
    return tuple(shown)


def _title(name: str) -> str:
    return name.rpartition(".")[0].replace("-", " ").replace("_", " ")
