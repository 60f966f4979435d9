"""Promise D3: what is served of an image is ours, and nothing of what was said beside its pixels."""

import io
import math
import random
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import blurhash
import pytest
from PIL import Image, ImageCms, ImageColor, PngImagePlugin

from media.inspection import Findings, inspect
from media.inspection.containers import chunks_of_webp
from tests.media.files import AVIF, GIF, JPEG, PNG, WEBP, Sent
from tests.media.inspection.running import Outcome, outcomes
from tests.media.pieces import frame, gif, picture, saved

IMAGES = 200
SECRET = b"SECRET-37.1773N"
MODES = {
    JPEG: ("L", "RGB", "RGB", "CMYK"),
    PNG: ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    WEBP: ("RGB", "RGBA"),
    GIF: ("L", "P"),
    AVIF: ("L", "RGB", "RGBA"),
}
# How a picture that is looked at upright lies in a file of that orientation (EXIF 2.32: where row 0 and column 0 are).
LIES = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@dataclass(frozen=True)
class Made:
    """A file, and what it shows: white in its upper left quarter, dark blue elsewhere."""

    sent: Sent
    width: int
    height: int


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x013B] = SECRET.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (37.0, 10.0, 38.3), 28: SECRET})
    # The makers of cameras keep a small picture of everything here.
    exif.get_ifd(0x8769).update({0x927C: saved(picture(16, 16), "JPEG")})
    return exif


def _make(number: int) -> Made:
    chance = random.Random(number)  # noqa: S311  # It has to repeat.
    declared = list(MODES)[number % 5]
    mode = MODES[declared][number // 5 % len(MODES[declared])]
    width, height = chance.randint(1, 520), chance.randint(1, 520)
    if number % 23 == 0:
        width, height = chance.choice([(1, 1), (2000, 3), (3, 2000), (1601, 1), (97, 96), (1600, 481)])
    orientation = 1 if declared == GIF else number // 3 % 8 + 1
    shown = Image.new("RGB", (width, height), (10, 10, 60))
    shown.paste("white", (0, 0, (width + 1) // 2, (height + 1) // 2))
    lies = shown.transpose(LIES[orientation]) if orientation in LIES else shown
    if mode == "I;16":
        lies = lies.convert("L").convert("I").point(lambda value: value * 257).convert("I;16")
    elif mode == "1":
        lies = lies.convert("L").point(lambda value: 255 * (value > 128)).convert("1")
    else:
        lies = lies.convert(mode)
    kind = declared.removeprefix("image/").upper()
    options: dict[str, object] = {"exif": _exif(orientation)}
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    if mode in {"RGB", "RGBA"}:
        options["icc_profile"] = profile
    xmp = b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/">' + SECRET + b"</x:xmpmeta>"
    match declared:
        case "image/jpeg":
            options |= {"comment": SECRET, "xmp": xmp, "quality": 92, "progressive": number % 2}
        case "image/png":
            texts = PngImagePlugin.PngInfo()
            texts.add_text("Comment", SECRET.decode())
            texts.add_itxt("XML:com.adobe.xmp", xmp.decode())
            options["pnginfo"] = texts
        case "image/gif":
            options = {"comment": SECRET}
        case "image/webp":
            options |= {"xmp": xmp, "lossless": bool(number % 2), "quality": 90}
        case "image/avif":
            options |= {"xmp": xmp, "speed": 10, "quality": 90}
    data = saved(lies, kind, **options)
    return Made(
        Sent(f"{number}: {kind} {mode} {width}x{height} turned {orientation}", declared, lambda: data),
        width,
        height,
    )


def fitted(side: int, longest: int, most: int) -> int:
    """One side of a picture whose longest side is to be `most`, and is never made longer."""
    return max(1, math.floor(side * min(Fraction(1), Fraction(most, longest)) + Fraction(1, 2)))


@pytest.fixture(scope="module")
def made() -> list[Made]:
    return [_make(number) for number in range(IMAGES)]


@pytest.fixture(scope="module")
def taken(made: list[Made], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    return outcomes([each.sent for each in made], tmp_path_factory.mktemp("images"))


def test_all_kinds_and_all_turns_are_among_them(made: list[Made]):
    words = [each.sent.name.split() for each in made]
    assert {(kind, mode) for _, kind, mode, *_ in words} == {
        (declared.removeprefix("image/").upper(), mode) for declared, modes in MODES.items() for mode in modes
    }
    assert {(kind, turn) for _, kind, *_, turn in words if kind != "GIF"} == {
        (kind, str(turn)) for kind in ("JPEG", "PNG", "WEBP", "AVIF") for turn in range(1, 9)
    }


def test_each_said_too_much(made: list[Made]):
    assert all(SECRET in each.sent.make() for each in made)


def test_nothing_but_pixels_is_served(made: list[Made], taken: dict[str, Outcome]):
    for each in made:
        findings = taken[each.sent.name].answer
        assert isinstance(findings, Findings), each.sent.name
        assert (findings.content_type, findings.width, findings.height) == (
            each.sent.declared,
            each.width,
            each.height,
        )
        assert [rendition.name for rendition in findings.renditions] == ["SMALL", "MEDIUM", "LARGE"]
        for rendition in findings.renditions:
            data = rendition.path.read_bytes()
            assert {kind for kind, *_ in chunks_of_webp(data)} <= {b"VP8 ", b"VP8L", b"VP8X", b"ALPH"}, (
                each.sent.name
            )
            # They fill it to the last byte, and it says so.
            assert int.from_bytes(data[4:8], "little") + 8 == len(data)
            assert SECRET not in data
            with Image.open(io.BytesIO(data)) as image:
                assert image.format == "WEBP" and image.size == (rendition.width, rendition.height)
                assert not {"exif", "xmp", "icc_profile", "comment"} & set(image.info)
                assert not dict(image.getexif())


def test_one_takes_a_fraction_of_a_second(taken: dict[str, Outcome]):
    seconds = [outcome.ended.processor_seconds for outcome in taken.values() if outcome.ended]
    print(
        f"{len(seconds)} images, {sum(seconds) / len(seconds):.3f} s of processor each, {max(seconds):.3f} at most"
    )
    assert len(seconds) == IMAGES and sum(seconds) / len(seconds) < 2


def test_sizes_are_exact(made: list[Made], taken: dict[str, Outcome]):
    for each in made:
        findings = taken[each.sent.name].answer
        assert isinstance(findings, Findings)
        longest = max(each.width, each.height)
        small, medium, large = ((rendition.width, rendition.height) for rendition in findings.renditions)
        assert medium == (fitted(each.width, longest, 480), fitted(each.height, longest, 480))
        assert large == (fitted(each.width, longest, 1600), fitted(each.height, longest, 1600))
        assert small == (min(96, *large),) * 2


def test_they_stand_upright(made: list[Made], taken: dict[str, Outcome]):
    looked_at = 0
    for each in made:
        if min(each.width, each.height) < 24:
            continue
        looked_at += 1
        findings = taken[each.sent.name].answer
        assert isinstance(findings, Findings)
        for rendition in findings.renditions[1:]:
            with Image.open(rendition.path) as image:
                grey = image.convert("RGB").convert("L")
            x, y = grey.width // 4, grey.height // 4
            corners = [grey.getpixel(at) for at in ((x, y), (3 * x, y), (x, 3 * y), (3 * x, 3 * y))]
            assert corners[0] > 230 and max(corners[1:]) < 60, (each.sent.name, corners)
    assert looked_at > 150


def _inspected(data: bytes, declared: str, folder: Path) -> tuple[Findings, Image.Image]:
    """What is found of one image, and its LARGE."""
    source = folder / "sent"
    source.write_bytes(data)
    findings = inspect(source, declared=declared, into=folder)
    return findings, Image.open(folder / "LARGE.webp")


def test_colours_are_those_that_its_profile_means(tmp_path: Path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # Red and green by each other's name.
    swapped = profile.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")
    assert swapped != profile
    red = Image.new("RGB", (50, 50), (255, 0, 0))
    for sent, expected in ((profile, "#ff0000"), (swapped, "#00ff00"), (b"no profile at all", "#ff0000")):
        findings, large = _inspected(saved(red, "PNG", icc_profile=sent), PNG, tmp_path)
        assert findings.color == expected
        assert large.getpixel((25, 25)) == pytest.approx(ImageColor.getrgb(expected), abs=8)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "GIF"])
def test_what_is_transparent_stays_transparent(tmp_path: Path, kind: str):
    image = Image.new("RGBA", (60, 60), (200, 0, 0, 255))
    image.paste((0, 0, 0, 0), (0, 0, 30, 60))
    options = {"speed": 10} if kind == "AVIF" else {}
    findings, large = _inspected(saved(image, kind, **options), f"image/{kind.lower()}", tmp_path)
    assert large.mode == "RGBA"
    assert large.getpixel((5, 30))[3] == 0
    assert large.getpixel((55, 30))[3] == 255
    # It is guessed at over white.
    assert (
        blurhash.decode(findings.placeholder, 2, 1)[0][0] > blurhash.decode(findings.placeholder, 2, 1)[0][1]
    )


def test_a_palette_may_have_a_colour_that_is_not_there(tmp_path: Path):
    image = Image.new("P", (40, 40), 1)
    image.putpalette([0, 0, 0, 250, 250, 0])
    image.paste(0, (0, 0, 20, 40))
    _, large = _inspected(saved(image, "PNG", transparency=0), PNG, tmp_path)
    assert large.getpixel((5, 20))[3] == 0
    assert large.getpixel((35, 20))[3] == 255


def test_sixteen_bits_of_grey_keep_their_shades(tmp_path: Path):
    image = Image.new("I;16", (30, 10))
    for x in range(30):
        for y in range(10):
            image.putpixel((x, y), (0, 0x8000, 0xFFFF)[x // 10])
    _, large = _inspected(saved(image, "PNG"), PNG, tmp_path)
    shades = [large.getpixel((x, 5))[0] for x in (4, 14, 25)]
    assert shades[0] < 8 and 120 < shades[1] < 136 and shades[2] > 247


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "GIF"])
def test_of_what_moves_the_first_frame_is_kept(tmp_path: Path, kind: str):
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "lime", "blue")]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
    findings, large = _inspected(data, f"image/{kind.lower()}", tmp_path)
    assert getattr(large, "n_frames", 1) == 1
    red, green, blue = large.convert("RGB").getpixel((20, 15))
    assert red > 240 and green < 15 and blue < 15
    assert findings.color.startswith("#f")


def test_a_frame_smaller_than_its_canvas_stands_in_it(tmp_path: Path):
    findings, large = _inspected(gif(frame(), width=20, height=10), GIF, tmp_path)
    assert (findings.width, findings.height) == large.size == (20, 10)


def test_metadata_that_is_broken_harms_nothing(tmp_path: Path):
    data = saved(picture(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff", icc_profile=bytes(200))
    findings, _ = _inspected(data, JPEG, tmp_path)
    assert (findings.width, findings.height) == (64, 48)


def test_a_placeholder_looks_like_its_picture_from_afar(tmp_path: Path):
    image = Image.new("RGB", (90, 60), (220, 20, 20))
    image.paste((20, 20, 220), (60, 0, 90, 60))
    findings, _ = _inspected(saved(image, "PNG"), PNG, tmp_path)
    assert blurhash.components(findings.placeholder) == (4, 3)
    [row] = blurhash.decode(findings.placeholder, 8, 1)
    assert row[1][0] > 150 > row[1][2] and row[7][2] > 150 > row[7][0]
    # Two thirds of it are red.
    assert findings.color == "#dc1414"
    standing, _ = _inspected(saved(image.rotate(90, expand=True), "PNG"), PNG, tmp_path)
    assert blurhash.components(standing.placeholder) == (3, 4)


FORTY_MILLION = {
    "JPEG": ("RGB", {"progressive": True, "subsampling": 0}),
    "PNG": ("RGBA", {"compress_level": 1}),
    "WEBP": ("RGB", {"method": 0, "quality": 50}),
    "AVIF": ("RGBA", {"speed": 10}),
}


@pytest.fixture(scope="module")
def largest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    def sent(kind: str) -> Sent:
        mode, options = FORTY_MILLION[kind]
        return Sent(
            kind, f"image/{kind.lower()}", lambda: saved(Image.new(mode, (8000, 5000)), kind, **options)
        )

    return outcomes(map(sent, FORTY_MILLION), tmp_path_factory.mktemp("largest"))


@pytest.mark.parametrize("kind", FORTY_MILLION)
def test_forty_million_pixels_fit_in_the_memory_that_there_is(largest: dict[str, Outcome], kind: str):
    outcome = largest[kind]
    assert isinstance(outcome.answer, Findings), outcome.answer
    assert (outcome.answer.width, outcome.answer.height) == (8000, 5000)
    assert outcome.ended
    print(f"{kind}: {outcome.ended.processor_seconds:.2f} s of processor, {outcome.peak_bytes >> 20} MB")
    assert 0 < outcome.peak_bytes <= 512 << 20
