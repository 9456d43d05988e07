"""How the arrays of a call lie along the axes of x."""


# Of the shape of x they lie as x does, where [N,C] would be another order.
LIKE_X = {"residual", "by", "add"}


class Axes:
    """Which axis of x counts channels, and which samples."""

    def __init__(self, arrays, options):
        x, layout = arrays["x"], options.get("layout")
        self.arrays = arrays
        self.shape, self.rank = x.shape, x.dim()
        self.has_layout = bool(layout)
        self.channel = layout.index("C") if layout else self.rank - 1
        self.sample = (layout.index("N") if "N" in layout else None) if layout else (0 if self.rank > 1 else None)

    def along(self, name, otherwise):
        """An array of the call: [N,C], in whatever order x has these, [C], or of as many axes as x."""
        array = self.arrays.get(name)
        if array is None:
            return otherwise
        if array.dim() == 1:
            return self.of_channels(array)
        if name in LIKE_X and array.shape == self.shape:
            return array
        if array.dim() == 2 and self.sample is not None and array.shape == (self.shape[self.sample], self.shape[self.channel]):
            shape = [1] * self.rank
            shape[self.sample], shape[self.channel] = array.shape
            return (array if self.sample < self.channel else array.t()).reshape(shape)
        return array

    def of_channels(self, array):
        shape = [1] * self.rank
        shape[self.channel] = array.shape[0]
        return array.reshape(shape)

    def parameter(self, name, otherwise):
        """Weight or bias: one number a channel where there is a layout, else of the last axes."""
        array = self.arrays.get(name)
        if array is None:
            return otherwise
        return self.of_channels(array) if self.has_layout else array

    def mask(self):
        """Where it is not 0: of the shape of x without its channels, or of as many axes as x."""
        array = self.arrays.get("mask")
        if array is None:
            return None
        self.masked = self.others(self.channel)
        if array.dim() == self.rank:
            self.masked = [axis for axis in range(self.rank) if array.shape[axis] == self.shape[axis]]
        return (array if array.dim() == self.rank else array.unsqueeze(self.channel)) != 0

    def others(self, *kept):
        return [axis for axis in range(self.rank) if axis not in kept]
