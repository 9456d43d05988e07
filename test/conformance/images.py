"""Images as torchvision and Pillow resize, crop and normalize them: python3 images.py > images.json"""

import json

import numpy
import torch
from PIL import Image
from torchvision import transforms as T
from torchvision.transforms import functional as F

IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
CLIP = ([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711])
MODES = {"bilinear": T.InterpolationMode.BILINEAR, "bicubic": T.InterpolationMode.BICUBIC}


def pixels(height, width):
    """Bytes of every size next to each other, which a test makes again."""
    count = height * width * 3
    values = [(index * index * 7 + index * 13 + 5) % 256 for index in range(count)]
    return numpy.array(values, dtype=numpy.uint8).reshape(height, width, 3)


def case(source, resize=None, crop=None, preset=None, interpolation="bilinear", antialias=True):
    image = torch.from_numpy(pixels(*source)).permute(2, 0, 1).double() / 255
    if resize is not None:
        image = F.resize(image, resize, MODES[interpolation], antialias=antialias)
        # As it does of bytes.
        image = image.clamp(0, 1)
    if crop is not None:
        image = F.center_crop(image, crop)
    if preset is not None:
        image = F.normalize(image, *preset)
    return {
        "source": source,
        "resize": resize,
        "centerCrop": crop,
        "mean": preset and preset[0],
        "std": preset and preset[1],
        "interpolation": interpolation,
        "antialias": antialias,
        "shape": list(image.shape),
        "values": [float("%.9g" % value) for value in image.flatten()],
    }


def bytes_of(source, resize, crop, interpolation):
    image = T.Compose([T.Resize(resize, MODES[interpolation]), T.CenterCrop(crop)])(Image.fromarray(pixels(*source)))
    values = numpy.asarray(image).transpose(2, 0, 1)
    return {
        "source": source,
        "resize": resize,
        "centerCrop": crop,
        "interpolation": interpolation,
        "shape": list(values.shape),
        "bytes": values.flatten().tolist(),
    }


print(
    json.dumps(
        {
            "exact": [
                case([37, 53], 24, 17, IMAGENET),
                case([50, 33], 14, 14, CLIP, "bicubic"),
                case([5, 7], [11, 9]),
                case([31, 20], [12, 13], antialias=False),
                case([6, 6], [13, 10], interpolation="bicubic"),
                case([6, 9], None, [11, 8], IMAGENET),
                case([12, 15], None, [7, 10]),
                case([11, 13], None, [6, 4]),
                case([7, 23], 5, None, IMAGENET),
                case([23, 7], 5, [5, 9], IMAGENET),
                case([1, 1], [3, 2]),
                case([9, 16], [1, 1], interpolation="bicubic"),
            ],
            "rounded": [bytes_of([37, 53], 24, 17, "bilinear"), bytes_of([50, 33], 14, 14, "bicubic")],
            "grey": numpy.asarray(Image.fromarray(pixels(5, 7)).convert("L")).flatten().tolist(),
        }
    )
)
