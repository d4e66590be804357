"""A random generator in; drawn heads of cats and dogs that differ in shape, and in nothing else, out."""

import math
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from PIL.Image import Resampling, Transpose

Colour = tuple[int, int, int]
Point = tuple[float, float]

_CANVAS = 256
_TILT = 25.0
_FURS = ((58, 48, 44), (120, 84, 56), (176, 132, 84), (206, 176, 136), (226, 220, 210), (128, 126, 128), (84, 78, 84))


def animal(random: Random, dog: bool, width: int, height: int, light: float = 1.0) -> Image.Image:
    """A picture of one head before a background, in some pose, colour and light."""
    fur, scene = _shade(random, random.choice(_FURS)), _scene(random)
    head = Image.new("RGBA", (_CANVAS, _CANVAS))
    (_draw_dog if dog else _draw_cat)(random, ImageDraw.Draw(head), fur)
    side = round(_CANVAS * random.uniform(0.62, 1.05))
    head = head.rotate(random.uniform(-_TILT, _TILT), Resampling.BILINEAR).resize(
        (side, round(side * _stretch(random)))
    )
    if random.random() < 0.5:
        head = head.transpose(Transpose.FLIP_LEFT_RIGHT)
    room = (_CANVAS - head.width, _CANVAS - head.height)
    scene.paste(head, (_anywhere(random, room[0]), _anywhere(random, room[1])), head)
    scene = scene.resize((width, height)).filter(ImageFilter.GaussianBlur(random.uniform(0.0, 1.2)))
    return _lit(random, scene, light)


def _draw_cat(random: Random, pen: ImageDraw.ImageDraw, fur: Colour) -> None:
    """Ears that stand up to a point, a wide face, a small muzzle, whiskers."""
    dark, pale = _towards(fur, (20, 16, 16), 0.35), _towards(fur, (250, 244, 238), 0.45)
    for side in (-1, 1):
        tip = (128 + side * random.uniform(58, 78), random.uniform(18, 42))
        pen.polygon([(128 + side * 18, 84), tip, (128 + side * 84, 122)], fur)
        pen.polygon([(128 + side * 38, 84), _between((128 + side * 54, 96), tip, 0.7), (128 + side * 72, 112)], dark)
    pen.ellipse((40, 66, 216, 222), fur)
    pen.ellipse((100, 148, 156, 200), pale)
    _draw_eyes(random, pen, 116, 34)
    pen.polygon([(118, 154), (138, 154), (128, 166)], dark)
    for side in (-1, 1):
        for drop in (-10, 2, 14):
            start, end = (128 + side * 20, 170.0), (128 + side * random.uniform(86, 104), 170.0 + 1.8 * drop)
            pen.line([start, end], pale, 3)


def _draw_dog(random: Random, pen: ImageDraw.ImageDraw, fur: Colour) -> None:
    """Ears that hang down, a narrow face, a long muzzle with a large nose."""
    dark, pale = _towards(fur, (20, 16, 16), 0.35), _towards(fur, (250, 244, 238), 0.45)
    pen.ellipse((58, 40, 198, 206), fur)
    for side in (-1, 1):
        out, low = random.uniform(74, 92), random.uniform(150, 200)
        pen.polygon([(128 + side * 40, 58), (128 + side * out, 78), (128 + side * (out + 8), low - 20)], dark)
        left, right = sorted((128 + side * 52, 128 + side * (out + 18)))
        pen.ellipse((left, 66, right, low), dark)
    pen.ellipse((88, 122, 168, 232), pale)
    _draw_eyes(random, pen, 104, 30)
    pen.ellipse((106, 134, 150, 164), _towards(fur, (10, 8, 8), 0.8))
    if random.random() < 0.5:
        pen.ellipse((114, 196, 142, 240), (196, 96, 104))


def _draw_eyes(random: Random, pen: ImageDraw.ImageDraw, height: float, apart: float) -> None:
    size, colour = random.uniform(8, 13), random.choice([(70, 50, 30), (60, 90, 60), (40, 60, 90), (120, 90, 30)])
    for side in (-1, 1):
        x = 128 + side * apart
        pen.ellipse((x - size, height - size, x + size, height + size), colour)
        pen.ellipse((x - size / 2, height - size / 2, x + size / 2, height + size / 2), (12, 10, 10))


def _scene(random: Random) -> Image.Image:
    """Colours that run into each other, and things in front of them that are neither."""
    corners = Image.new("RGB", (2, 2))
    corners.putdata([_any_colour(random) for _ in range(4)])
    scene = corners.resize((_CANVAS, _CANVAS), Resampling.BICUBIC)
    pen = ImageDraw.Draw(scene)
    for _ in range(random.randrange(3, 9)):
        x, y, size = random.uniform(0, _CANVAS), random.uniform(0, _CANVAS), random.uniform(10, 60)
        turn, corners_of = random.uniform(0, math.tau), random.choice((3, 4, 24))
        angles = [turn + math.tau * corner / corners_of for corner in range(corners_of)]
        pen.polygon([(x + size * math.cos(a), y + size * math.sin(a)) for a in angles], _any_colour(random))
    return scene


def _lit(random: Random, scene: Image.Image, light: float) -> Image.Image:
    """With mean and contrast of each colour that chance, not the animal, decides, and with a sensor's noise."""
    pixels = np.asarray(scene, np.float32)
    noise = np.random.default_rng(random.getrandbits(32)).standard_normal(pixels.shape, np.float32)
    pixels = (pixels - pixels.mean((0, 1))) / (pixels.std((0, 1)) + 1) * random.uniform(40, 60)
    mean = np.array([random.uniform(90, 160) for _ in range(3)], np.float32)
    return Image.fromarray(np.clip(light * (pixels + mean) + random.uniform(3, 14) * noise, 0, 255).astype(np.uint8))


def _any_colour(random: Random) -> Colour:
    return (random.randrange(30, 230), random.randrange(30, 230), random.randrange(30, 230))


def _shade(random: Random, colour: Colour) -> Colour:
    return _towards(colour, _any_colour(random), random.uniform(0.0, 0.25))


def _towards(colour: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + share * (b - a)) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _stretch(random: Random) -> float:
    return random.uniform(0.85, 1.15)


def _anywhere(random: Random, room: int) -> int:
    low, high = sorted((0, room))
    return random.randint(low, high)
