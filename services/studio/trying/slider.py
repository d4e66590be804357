"""Two pictures of the same size in; one over the other, with a slider that moves the line between them, out."""

from base64 import b64encode

import streamlit as st

_HTML = """
<figure>
  <div class="frame">
    <img class="after">
    <img class="before">
    <div class="line" aria-hidden="true"></div>
    <span class="tag left"></span><span class="tag right"></span>
    <input type="range" min="0" max="100" step="1" value="50">
  </div>
</figure>
"""

_CSS = """
figure { margin: 0; font-family: var(--st-font); }
.frame {
  position: relative; overflow: hidden; line-height: 0; width: min(100%, var(--wide)); box-sizing: border-box;
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
  background: repeating-conic-gradient(var(--st-secondary-background-color) 0 25%, var(--st-background-color) 0 50%)
    0 0 / 20px 20px;
}
img { display: block; width: 100%; height: auto; }
img.before { position: absolute; inset: 0; height: 100%; clip-path: inset(0 calc(100% - var(--at)) 0 0); }
.line {
  position: absolute; top: 0; bottom: 0; left: var(--at); width: 2px; margin-left: -1px; background: #fff;
  box-shadow: 0 0 0 1px rgb(0 0 0 / 45%); pointer-events: none;
}
.line::after {
  content: "\\2194"; position: absolute; top: 50%; left: 50%; width: 34px; height: 34px; margin: -17px;
  border-radius: 50%; background: #fff; color: #16212b; font: 18px/34px sans-serif; text-align: center;
  box-shadow: 0 1px 5px rgb(0 0 0 / 55%);
}
input {
  position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: ew-resize;
  touch-action: pan-y;
}
.frame:has(input:focus-visible) { outline: 3px solid var(--st-primary-color); outline-offset: 2px; }
.tag {
  position: absolute; bottom: 10px; padding: 4px 9px; border-radius: 4px; background: rgb(0 0 0 / 62%); color: #fff;
  font-size: 13px; line-height: 1.3; pointer-events: none;
}
.left { left: 10px; } .right { right: 10px; }
"""

_JS = """
export default function ({ data, parentElement }) {
  const find = (name) => parentElement.querySelector(name);
  const frame = find(".frame"), range = find("input");
  const name = `${data.name}: ${data.left} on the left, ${data.right} on the right`;
  const sides = [[".before", ".left", data.before, data.left], [".after", ".right", data.after, data.right]];
  for (const [picture, tag, address, word] of sides) {
    const image = find(picture);
    if (image.src !== address) image.src = address;
    image.alt = `${data.name}, ${word}`;
    find(tag).textContent = word;
  }
  range.setAttribute("aria-label", name);
  frame.style.setProperty("--wide", `${data.wide}px`);
  const move = () => {
    frame.style.setProperty("--at", `${range.value}%`);
    range.setAttribute("aria-valuetext", `${range.value} % ${data.left}`);
    find(".left").style.opacity = range.value < 28 ? 0 : 1;
    find(".right").style.opacity = range.value > 72 ? 0 : 1;
  };
  range.addEventListener("input", move);
  move();
  return () => range.removeEventListener("input", move);
}
"""

_LEAST_WIDE = 640
"""Pixels; a smaller picture is shown larger, so that there is something to compare."""

_mount = st.components.v2.component("headrace_slider", html=_HTML, css=_CSS, js=_JS)


def draw(name: str, left: tuple[str, bytes], right: tuple[str, bytes], width: int, key: str) -> None:
    """Two WebP files of a picture that is so many pixels wide, each with the word that stands in its corner."""
    _mount(
        key=key,
        data={
            "name": name,
            "left": left[0],
            "right": right[0],
            "before": _address(left[1]),
            "after": _address(right[1]),
            "wide": max(width, _LEAST_WIDE),
        },
    )


def _address(webp: bytes) -> str:
    return f"data:image/webp;base64,{b64encode(webp).decode()}"
