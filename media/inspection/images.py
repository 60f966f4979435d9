"""Makes renditions of an image: decoded once, turned upright, in sRGB, without anything that was said beside the pixels."""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import blurhash
from PIL import AvifImagePlugin, Image, ImageCms, ImageOps, WebPImagePlugin

from media.inspection.containers import FRAMES, size_of_webp
from media.inspection.findings import Reason, Rejected
from media.inspection.limits import Limits
from media.inspection.signatures import ZIP_END_WITHIN, ends_as_zip, hides_code
from media.inspection.sizes import sizes

MOST_BYTES = 64 << 20
# libwebp's two canvases and Pillow's copy of one, four bytes a pixel each; and what Python and Pillow take by themselves.
_WEBP_BYTES_A_PIXEL = 12
_GROUND = 40 << 20

_FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/avif": "AVIF",
}
# What the tag Orientation asks for (TIFF 6.0, EXIF 2.32).
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112
_SIDEWAYS = 5


@dataclass(frozen=True)
class Looks:
    """Width and height, upright; a blurhash; the dominant colour as `#rrggbb`."""

    width: int
    height: int
    placeholder: str
    color: str


class _WebP(WebPImagePlugin.WebPImageFile):
    # The decoder keeps two canvases of four bytes a pixel: too much beside the image itself.
    def load_prepare(self) -> None:
        self._decoder = None
        super().load_prepare()


class _Avif(AvifImagePlugin.AvifImageFile):
    def load_prepare(self) -> None:
        self._decoder = None
        super().load_prepare()


def render(file: IO[bytes], *, declared: str, into: Path, limits: Limits) -> Looks:
    """Writes `SMALL.webp`, `MEDIUM.webp` and `LARGE.webp`; of an animation, its first frame. Raises `Rejected`."""
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES or FRAMES[declared](data) > limits.frames:
        raise Rejected(Reason.TOO_LARGE)
    if ends_as_zip(data[-ZIP_END_WITHIN:]) or hides_code(data):
        raise Rejected(Reason.POLYGLOT)
    if declared == "image/webp":
        width, height = size_of_webp(data)
        # Pillow would say that the file is broken.
        if width * height * _WEBP_BYTES_A_PIXEL + len(data) + _GROUND > limits.memory:
            raise Rejected(Reason.TOO_LARGE if width * height > limits.pixels else Reason.TOO_MUCH_WORK)
    # Pillow calls it an error from twice this on.
    Image.MAX_IMAGE_PIXELS = limits.pixels // 2
    # Threads take memory each, and one at a time is what the limits are for.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = _opened(io.BytesIO(data), declared)
            del data
            if image.width * image.height > limits.pixels or getattr(image, "n_frames", 1) > limits.frames:
                raise Rejected(Reason.TOO_LARGE)
            looks, files = _rendered(image)
    except Image.DecompressionBombError:
        raise Rejected(Reason.TOO_LARGE) from None
    except (MemoryError, Rejected):
        raise
    # Whatever a decoder says of hostile bytes, it says that it cannot read them.
    except Exception:
        raise Rejected(Reason.BROKEN) from None
    for name, content in files.items():
        (into / f"{name}.webp").write_bytes(content)
    return looks


def _opened(file: IO[bytes], declared: str) -> Image.Image:
    match declared:
        case "image/webp":
            return _WebP(file)
        case "image/avif":
            return _Avif(file)
        case _:
            return Image.open(file, formats=[_FORMATS[declared]])


def _rendered(image: Image.Image) -> tuple[Looks, dict[str, bytes]]:
    turn = _turn(image)
    width, height = image.size
    if turn >= _SIDEWAYS:
        width, height = height, width
    wanted = sizes(width, height)
    base = _shrunk(image, wanted["LARGE"][::-1] if turn >= _SIDEWAYS else wanted["LARGE"])
    if turn in _TURNS:
        base = base.transpose(_TURNS[turn])
    medium = base.resize(wanted["MEDIUM"], Image.Resampling.LANCZOS)
    small = ImageOps.fit(base, wanted["SMALL"], Image.Resampling.LANCZOS)
    files = {name: _encoded(each) for name, each in (("SMALL", small), ("MEDIUM", medium), ("LARGE", base))}
    return Looks(width, height, *_glance(medium)), files


def _turn(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    # Cameras write EXIF that is none; the picture is as good without.
    except Exception:
        return 1


def _shrunk(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The image in its final size, RGB or RGBA, sRGB; colours are converted when there are few pixels left of it."""
    # JPEG alone can be decoded smaller than it is; it is still read to its end.
    image.draft(None, (2 * size[0], 2 * size[1]))
    image.load()
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):
        # 16 bits of grey: Pillow itself would cut off what is lighter than 255.
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    # Each conversion is one more copy of all pixels, so none is made in vain.
    if image.has_transparency_data:
        image = image if image.mode in {"LA", "RGBA"} else image.convert("RGBA")
    elif image.mode not in {"L", "RGB", "CMYK"}:
        image = image.convert("L" if image.mode == "1" else "RGB")
    image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    alpha = image.getchannel("A") if "A" in image.mode else None
    if alpha:
        image = image.convert("L" if image.mode == "LA" else "RGB")
    image = _in_srgb(image, profile) if profile else image.convert("RGB")
    if alpha:
        image.putalpha(alpha)
    return image


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    # As browsers do: a profile that is broken, or for other colours than these, is as good as none.
    except (ImageCms.PyCMSError, OSError):
        converted = None
    return converted or image.convert("RGB")


def _encoded(image: Image.Image) -> bytes:
    file = io.BytesIO()
    # Said one by one, for `info` still holds what came with the source.
    image.save(file, "WEBP", quality=82, method=4, exif=b"", xmp=b"", icc_profile=None)
    return file.getvalue()


def _glance(image: Image.Image) -> tuple[str, str]:
    """A blurhash and the dominant colour, of what is seen over white."""
    if image.mode == "RGBA":
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    tiny = image.resize((32, 32), Image.Resampling.BOX)
    flat = tiny.tobytes()
    pixels = [list(flat[at : at + 3]) for at in range(0, len(flat), 3)]
    across, down = (4, 3) if image.width >= image.height else (3, 4)
    rows = [pixels[at : at + 32] for at in range(0, len(pixels), 32)]
    few = tiny.quantize(6)
    _, index = max(few.getcolors())  # type: ignore[arg-type]
    red, green, blue = few.getpalette()[3 * index : 3 * index + 3]  # type: ignore[index,operator]
    return blurhash.encode(rows, across, down), f"#{red:02x}{green:02x}{blue:02x}"
