"""Images as they are made in; a mix of them and of earlier ones, for a discriminator to learn from, out."""

import torch
from torch import Tensor


class ImagePool:
    """Keeps `size` made images, so that discriminators do not forget what generators did before (Shrivastava 2017)."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.images: list[Tensor] = []

    def mixed(self, made: Tensor) -> Tensor:
        """For each image of `made` (n, c, h, w) itself, or with even odds an older one, in whose place it is kept."""
        return torch.stack([self._exchanged(image) for image in made.detach()])

    def _exchanged(self, image: Tensor) -> Tensor:
        if len(self.images) < self._size:
            self.images.append(image)
            return image
        if not self._size or torch.rand(()) < 0.5:
            return image
        place = int(torch.randint(self._size, ()))
        older, self.images[place] = self.images[place], image
        return older.to(image.device)
