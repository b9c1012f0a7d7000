"""pictures.py: pictures as rows of bytes, and where one lies in another."""
import subprocess

PROBE = 64  # pixels of the middle row that are looked for


def pixels(path):
    """(width, height, rows of RGB bytes) of a picture file."""
    data = subprocess.run(["convert", str(path), "-depth", "8", "ppm:-"], capture_output=True, check=True).stdout
    magic, size, depth, rest = data.split(b"\n", 3)
    width, height = map(int, size.split())
    assert (magic, depth, len(rest)) == (b"P6", b"255", width * height * 3)
    return width, height, [rest[y * width * 3:(y + 1) * width * 3] for y in range(height)]


def place(screen, picture):
    """Where the top left corner of a picture is on the screen, by a stretch from its middle row."""
    _, height, rows = picture
    row = height // 2
    stretch = rows[row][:PROBE * 3]
    for y, line in enumerate(screen[2]):
        at = line.find(stretch)
        if at >= 0 and at % 3 == 0:
            return at // 3, y - row
    return None


def different(screen, corner, picture):
    """(left, top, right, bottom), the last two exclusive, of what differs on the screen; None when nothing does."""
    width, height, rows = picture
    left, top = corner
    points = [(x, y) for y in range(height) for x in range(width)
              if screen[2][top + y][(left + x) * 3:(left + x + 1) * 3] != rows[y][x * 3:(x + 1) * 3]]
    if not points:
        return None
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs) + 1, max(ys) + 1
