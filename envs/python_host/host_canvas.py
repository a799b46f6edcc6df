# Of the text that an interpreter runs (host.py), the part about pictures. numbers_in() stands in
# host_spaces.py.


class Canvas:
    """The calls of Tern's canvas (core/canvas.h): scene units, y up, from back to front. A colour is
    (r, g, b), (r, g, b, alpha) or one of the names below; a point is (x, y)."""

    PALETTE = {"background": (250, 250, 247), "ink": (38, 50, 56), "muted": (144, 155, 160),
               "floor": (232, 232, 226), "agent": (0, 114, 178), "agent_light": (86, 180, 233),
               "goal": (0, 158, 115), "danger": (213, 94, 0), "item": (230, 159, 0),
               "accent": (204, 121, 167), "ice": (214, 234, 243)}

    def __init__(self):
        self._calls = []

    def _add(self, kind, points, size, color, **more):
        points = [[float(x), float(y)] for x, y in points]
        self._calls.append(dict(more, kind=kind, points=points, size=float(size),
                                color=self._color(color)))

    def _color(self, color):
        if isinstance(color, str) and color not in self.PALETTE:
            raise ValueError("there is no colour %r; there are %s" % (color, ", ".join(self.PALETTE)))
        parts = [int(part) for part in self.PALETTE.get(color, color) if 0 <= part <= 255]
        if len(parts) not in (3, 4):
            raise ValueError("the colour %r is not 3 or 4 numbers from 0 to 255" % (color,))
        return parts if len(parts) == 4 else parts + [255]

    def set_view(self, low, high, background="background"):
        self._calls = []
        self._add("set_view", [low, high], 0, background)

    def rectangle(self, low, high, color):
        self.polygon([low, (high[0], low[1]), high, (low[0], high[1])], color)

    def polygon(self, corners, color):
        self._add("polygon", corners, 0, color)

    def circle(self, center, radius, color):
        self._add("circle", [center], radius, color)

    def capsule(self, a, b, radius, color):
        self._add("capsule", [a, b], radius, color)

    def line(self, a, b, width, color):
        self._add("line", [a, b], width, color)

    def cells(self, top_left, cell_size, kinds, styles):
        """A board: kinds[row][column] is the number of a style (color, glyph), row 0 on top."""
        numbers = []
        numbers_in(kinds, numbers)
        if numbers and not 0 <= min(numbers) <= max(numbers) < len(styles):
            raise ValueError("the kinds are %d to %d, and there are %d styles" %
                             (min(numbers), max(numbers), len(styles)))
        self._add("cells", [top_left], cell_size, "ink", rows=len(kinds),
                  columns=len(numbers) // max(len(kinds), 1), bytes=bytes(numbers).hex(),
                  styles=[self._color(color) + [ord(glyph[:1] or " ")] for color, glyph in styles])

    def image(self, low, high, width, height, rgb):
        """3 bytes a pixel, top row first."""
        data = rgb.tobytes() if hasattr(rgb, "tobytes") else bytes(rgb)
        if len(data) != 3 * width * height:
            raise ValueError("the image has %d bytes; expected %d" % (len(data), 3 * width * height))
        self._add("image", [low, high], 0, "ink", rows=height, columns=width, bytes=data.hex())

    def text(self, at, height, line, color="ink", align="left"):
        self._add("text", [at], height, color, line=str(line),
                  align=("left", "center", "right").index(align))

    def push(self, move, angle=0, scale=1):
        self._add("push", [move], angle, "ink", scale=float(scale))

    def pop(self):
        self._add("pop", [], 0, "ink")
